import type { JsonObject } from '../../files/json.ts'

/** A special token of a tokenizer made here. */
export interface SpecialToken {
  readonly id: number
  readonly content: string
}

export interface BpeParts {
  /** Every token but the special one, by id. */
  readonly tokens: readonly (string | undefined)[]
  readonly merges: readonly string[]
  readonly special: SpecialToken | null
  readonly preTokenizer: JsonObject | null
  readonly decoder: JsonObject
}

/** GPT-2's bytes as letters; `use_regex` says whether words are split off first. */
export function byteLevelJson(useRegex: boolean): JsonObject {
  return { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: useRegex }
}

/** A `tokenizer.json` of the model BPE, with all the fields that Hugging Face tokenizers 0.20 writes. */
export function bpeJson({ tokens, merges, special, preTokenizer, decoder }: BpeParts): JsonObject {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special ? [{ id: special.id, content: special.content, ...flags }] : [],
    normalizer: null,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.flatMap((token, id) => (token === undefined ? [] : [[token, id]]))),
      merges,
    },
  }
}
