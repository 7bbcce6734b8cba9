import { Tokenizer as Untyped } from '@huggingface/tokenizers'
import { DataError, messageOf } from '../../errors.ts'
import type { JsonObject } from '../../files/json.ts'
import { outside } from './byte-level.ts'
import type { Model } from './model.ts'
import { withinTime } from './time-limit.ts'
import type { TokenizerFile } from './tokenizer-file.ts'
import type { Tokenizer } from './tokenizer.ts'

/** What is used of the library, whose own declarations TypeScript cannot resolve in an ES module. */
interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] }
  decode(ids: number[]): string
}
const Library = Untyped as unknown as new (json: object, config: object) => Library

/** No text that is well formed begins a token with half a surrogate pair. */
const unspeakable = '\uD800'

/** The model with its tokens spelled by `spell`. */
function modelJson({ type, settings, ids, merges }: Model, spell: (token: string) => string): object {
  if (type === 'Unigram') {
    const scored = settings.vocab as [token: string, score: number][]
    return { ...settings, type, vocab: scored.map(([token, score]) => [spell(token), score]) }
  }
  const vocab = Object.fromEntries(Array.from(ids, ([token, id]) => [spell(token), id]))
  const { unk_token: unknown } = settings
  return { ...settings, type, vocab, merges, ...(typeof unknown === 'string' && { unk_token: spell(unknown) }) }
}

/**
 * The tokenizer of a checked `tokenizer.json`, run by @huggingface/tokenizers; `truncation` and `padding` are no part of
 * it. As in the library, BPE leaves out a character that has no token where there is none for the unknown either.
 *
 * Its patterns come from the file and may be of any cost, so each call is stopped with a DataError after 5 s and 0.1 ms
 * for each character or id. DataError is also what a failure of the library becomes.
 */
export function publishedTokenizer(file: TokenizerFile, where: string, separator: number | null): Tokenizer {
  const vocabulary = file.tokens.length

  function run<T>(size: number, action: () => T): T {
    try {
      return withinTime(5000 + Math.ceil(size / 10), action)
    } catch (error) {
      throw new DataError(`${where}: @huggingface/tokenizers cannot run it: ${messageOf(error)}`)
    }
  }

  function build(model: object, added: readonly JsonObject[], postProcessor: JsonObject | null): Library {
    const { normalizer, preTokenizer: pre_tokenizer, decoder } = file
    const json = { normalizer, pre_tokenizer, model, post_processor: postProcessor, decoder, added_tokens: added }
    return run(vocabulary, () => new Library(json, { clean_up_tokenization_spaces: false }))
  }

  const added = (file.json.added_tokens ?? []) as readonly JsonObject[]
  const specialTexts = new Set(added.filter((token) => token.special === true).map((token) => token.content))
  const withSpecial = build(
    modelJson(file.model, (token) => token),
    added,
    file.postProcessor,
  )
  const plain = build(
    modelJson(file.model, (token) => (specialTexts.has(token) ? unspeakable + token : token)),
    added.filter((token) => token.special !== true),
    null,
  )

  function encode(library: Library, text: string, around: boolean): Int32Array {
    const wellFormed = Buffer.from(text).toString()
    const { ids } = run(text.length, () => library.encode(wellFormed, { add_special_tokens: around }))
    return Int32Array.from(ids)
  }

  return {
    name: where,
    vocabulary,
    separator,
    encode: (text) => encode(plain, text, false),
    decode(list) {
      const ids = Array.from(list)
      const wrong = ids.find((id) => file.tokens[id] === undefined)
      if (wrong !== undefined) throw outside(where, vocabulary, wrong)
      return ids.length === 0 ? '' : run(ids.length, () => withSpecial.decode(ids))
    },
    withSpecialTokens: (text, { around = true } = {}) => encode(withSpecial, text, around),
    toJson: () => file.json,
  }
}
