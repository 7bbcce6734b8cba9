import type { JsonObject } from '../../files/json.ts'
import { byteLetters } from './byte-level.ts'

const added = (id: number, content: string, special = true): JsonObject => ({ id, content, special, normalized: false })
const numbered = (tokens: readonly string[]): JsonObject => Object.fromEntries(tokens.map((token, id) => [token, id]))
const sequence = (key: string, ...parts: JsonObject[]): JsonObject => ({ type: 'Sequence', [key]: parts })
const around = (first: string, ...last: string[]): JsonObject => {
  const special = (id: string): JsonObject => ({ SpecialToken: { id, type_id: 0 } })
  const single = [special(first), { Sequence: { id: 'A', type_id: 0 } }, ...last.map(special)]
  return { type: 'TemplateProcessing', single, pair: single, special_tokens: {} }
}

const hex = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
const bytes = Array.from({ length: 256 }, (_, byte) => hex(byte))

/** Bytes fall back, the first space is prepended and stripped again: Llama 2, TinyLlama, Mistral. */
export const llama2: JsonObject = {
  version: '1.0',
  added_tokens: [added(0, '<unk>'), added(1, '<s>'), added(2, '</s>')],
  normalizer: sequence(
    'normalizers',
    { type: 'Prepend', prepend: '▁' },
    { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
  ),
  pre_tokenizer: null,
  post_processor: around('<s>'),
  decoder: sequence(
    'decoders',
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    { type: 'Strip', content: ' ', start: 1, stop: 0 },
  ),
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: '<unk>',
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: true,
    vocab: numbered(['<unk>', '<s>', '</s>', ...bytes, '▁', 'a', 'b', 'c', 's', '<', '>', '▁a', 'bc', '▁abc']),
    merges: ['▁ a', 'b c', '▁a bc'],
  },
}

/** A pattern of the file's own splits, then bytes as letters: Llama 3, Qwen. */
export const llama3: JsonObject = {
  added_tokens: [added(258, '<|begin|>'), added(259, '<|end_of_text|>'), added(260, '<think>', false)],
  normalizer: { type: 'NFC' },
  pre_tokenizer: sequence(
    'pretokenizers',
    { type: 'Split', pattern: { Regex: '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\s+|.' }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ),
  post_processor: sequence('processors', { type: 'ByteLevel', trim_offsets: false }, around('<|begin|>')),
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    ignore_merges: true,
    vocab: numbered([...byteLetters, 'ab', 'Ġab']),
    merges: [
      ['a', 'b'],
      ['Ġ', 'ab'],
    ],
  },
}

/** Pieces of words after `##`, in lower case and without accents: BERT, MiniLM. */
export const bert: JsonObject = {
  added_tokens: [added(0, '[PAD]'), added(1, '[UNK]'), added(2, '[CLS]'), added(3, '[SEP]')],
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: around('[CLS]', '[SEP]'),
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: numbered(['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'un', '##aff', '##able', 'ete', '!', '[', ']', 'sep']),
  },
}

/** Pieces by their log probabilities, spaces as `▁`: T5, XLM-RoBERTa. */
export const unigram: JsonObject = {
  added_tokens: [added(0, '<pad>'), added(1, '</s>'), added(2, '<unk>')],
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
  post_processor: null,
  decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
  model: {
    type: 'Unigram',
    unk_id: 2,
    vocab: [
      ['<pad>', 0],
      ['</s>', 0],
      ['<unk>', 0],
      ['▁', -2],
      ['▁a', -3],
      ['b', -4],
      ['ab', -4.5],
      ['▁ab', -5],
      ['s', -6],
    ],
  },
}

/** One file of each kind that is published. */
export const published: Readonly<Record<string, JsonObject>> = { llama2, llama3, bert, unigram }
