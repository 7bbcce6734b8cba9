import { DataError } from '../../errors.ts'
import { quote } from '../../files/json.ts'
import { bpeTokenizer } from './bpe.ts'
import { byteLetters, bytesOfToken, separatorText } from './byte-level.ts'
import { byteTokenizer } from './byte.ts'
import { fromCharacters } from './char.ts'
import { publishedTokenizer } from './published.ts'
import { checkTokenizerFile, type TokenizerFile } from './tokenizer-file.ts'
import type { SpecialToken } from './tokenizer-json.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface ReadTokenizerOptions {
  /**
   * The token between two documents, as `eos_token` of tokenizer_config.json names it; default the first of
   * `<|endoftext|>`, `<|end_of_text|>`, `</s>`, `<eos>` and `[SEP]` that is a special token of the file.
   */
  readonly separator?: string
}

const separators = [separatorText, '<|end_of_text|>', '</s>', '<eos>', '[SEP]']

function findSeparator({ tokens, added }: TokenizerFile, name: string | undefined, where: string): number | null {
  if (name !== undefined) {
    const id = tokens.indexOf(name)
    if (id < 0) throw new DataError(`${where}: expected the separator ${quote(name)} in its vocabulary`)
    return id
  }
  const special = new Map(added.filter((token) => token.special).map((token) => [token.content, token.id]))
  const found = separators.find((content) => special.has(content))
  return found === undefined ? null : special.get(found)!
}

function isPlainBpe({ normalizer, model }: TokenizerFile): boolean {
  const { unk_token: unknown, ignore_merges: whole, end_of_word_suffix: suffix } = model.settings
  return normalizer === null && model.type === 'BPE' && (unknown ?? null) === null && whole !== true && !suffix
}

/** A byte-level BPE as GPT-2's or as made here, run by our own faster encoder; undefined for any other file. */
function byteLevel(file: TokenizerFile, separator: number | null): Tokenizer | undefined {
  const { preTokenizer, decoder, postProcessor, model, added } = file
  if (!isPlainBpe(file) || preTokenizer?.type !== 'ByteLevel' || preTokenizer.add_prefix_space !== false)
    return undefined
  if (decoder?.type !== 'ByteLevel' || (postProcessor !== null && postProcessor.type !== 'ByteLevel')) return undefined
  const special: SpecialToken | null = added[0] ?? null
  if ((special?.id ?? null) !== separator || added.length > 1) return undefined
  if (added.some((token) => !token.special || token.lstrip || token.rstrip)) return undefined
  const tokens = file.tokens.map((token, id) => (id === special?.id ? undefined : token))
  if (tokens.some((token) => token !== undefined && bytesOfToken(token) === undefined)) return undefined
  if (!byteLetters.every((letter) => model.ids.has(letter))) return undefined
  if (preTokenizer.use_regex !== false) {
    const ids = model.merges.map(([left, right]) => [model.ids.get(left)!, model.ids.get(right)!] as const)
    return bpeTokenizer({ tokens, merges: ids, special })
  }
  const isBytes = tokens.length === 257 && byteLetters.every((letter, byte) => tokens[byte] === letter)
  return isBytes && special?.content === separatorText && model.merges.length === 0 ? byteTokenizer() : undefined
}

function characters(file: TokenizerFile): Tokenizer | undefined {
  const { preTokenizer, decoder, postProcessor, model, added, tokens } = file
  const alone = preTokenizer === null && postProcessor === null && decoder?.type === 'Fuse'
  if (!isPlainBpe(file) || !alone || added.length > 0 || model.merges.length > 0) return undefined
  if (model.settings.byte_fallback === true) return undefined
  return tokens.every((token) => /^\P{Surrogate}$/su.test(token)) ? fromCharacters(tokens) : undefined
}

/**
 * The tokenizer of a parsed `tokenizer.json`, from here or published: byte-level BPE as GPT-2's, bytes and characters run
 * in code of our own, all others in @huggingface/tokenizers. `where` names the file, in errors and as `name`.
 *
 * Throws DataError for a file that is not a `tokenizer.json`, contradicts itself (ids that are missing or stand for two
 * tokens, merges of unknown tokens), is too large (2^20 tokens, 2^22 merges, 4,096 characters a token or pattern), or
 * needs what @huggingface/tokenizers would silently do otherwise; for a `separator` that is not in the vocabulary.
 */
export function readTokenizer(json: unknown, where: string, options: ReadTokenizerOptions = {}): Tokenizer {
  const file = checkTokenizerFile(json, where)
  const separator = findSeparator(file, options.separator, where)
  return byteLevel(file, separator) ?? characters(file) ?? publishedTokenizer(file, where, separator)
}
