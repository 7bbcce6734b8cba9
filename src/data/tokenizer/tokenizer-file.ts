import { array, boolean, int, literal, object, string } from 'zod'
import { DataError } from '../../errors.ts'
import { checkJson, isJsonObject, quote, type Json, type JsonObject } from '../../files/json.ts'
import { decoderSchema, longestText, normalizerSchema, postProcessorSchema, preTokenizerSchema } from './components.ts'
import { checkToken, readModel, type Model } from './model.ts'

/** A token that is found in the text before the model sees it. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  readonly special: boolean
  readonly lstrip: boolean
  readonly rstrip: boolean
}

/** A `tokenizer.json`, checked; its components have the fields that are known, `json` is all of it. */
export interface TokenizerFile {
  readonly normalizer: JsonObject | null
  readonly preTokenizer: JsonObject | null
  readonly model: Model
  readonly postProcessor: JsonObject | null
  readonly decoder: JsonObject | null
  readonly added: readonly AddedToken[]
  /** All tokens by id, those of the model and the added ones. */
  readonly tokens: readonly string[]
  readonly json: JsonObject
}

const maxGrowth = 2 ** 12
const flag = boolean().default(false)
const fileSchema = object({
  normalizer: normalizerSchema,
  pre_tokenizer: preTokenizerSchema,
  post_processor: postProcessorSchema,
  decoder: decoderSchema,
})
const addedSchema = array(
  object({
    id: int().nonnegative(),
    content: string().min(1).max(longestText),
    single_word: literal(false, { error: 'expected false; @huggingface/tokenizers ignores it' }).optional(),
    special: flag,
    lstrip: flag,
    rstrip: flag,
  }),
)

/** A component, or the parts of a sequence. */
function partsOf(component: JsonObject | null): readonly JsonObject[] {
  if (!component) return []
  const list =
    component.type === 'Sequence' ? Object.values(component).find((value) => Array.isArray(value)) : undefined
  return (list as readonly JsonObject[] | undefined) ?? [component]
}

/** At most how many times longer the replacements of `component` make a text of one character. */
function growthOf(component: JsonObject | null): number {
  let growth = 1
  for (const { content, prepend, pattern } of partsOf(component)) {
    const added = [content, prepend].reduce<number>(
      (sum, text) => sum + (typeof text === 'string' ? text.length : 0),
      0,
    )
    const replaced = isJsonObject(pattern) && typeof pattern.String === 'string' ? pattern.String.length : 0
    growth *= replaced > 0 ? Math.max(1, added / replaced) : 1 + added
  }
  return growth
}

/** The tokens that a post-processor puts around a text. */
function specialPieces(component: JsonObject | null): string[] {
  return partsOf(component).flatMap(({ single = [], pair = [], sep = [], cls = [] }) => {
    const items = [single, pair].flat() as readonly JsonObject[]
    const named = items.flatMap(({ SpecialToken: token }) => (isJsonObject(token) ? [token.id!] : []))
    return [...named, ...(sep as Json[]).slice(0, 1), ...(cls as Json[]).slice(0, 1)] as string[]
  })
}

/** Splits that keep the separator are run right only where none is left in the text, as in Gemma's files. */
function checkSplits({ normalizer, preTokenizer }: TokenizerFile, where: string): void {
  const replaced = partsOf(normalizer).map(({ pattern }) => JSON.stringify(pattern))
  for (const { behavior, pattern } of partsOf(preTokenizer)) {
    if (behavior !== 'MergedWithPrevious' || replaced.includes(JSON.stringify(pattern))) continue
    throw new DataError(
      `${where}: pre_tokenizer: behavior: expected Isolated or Removed, got MergedWithPrevious; @huggingface/tokenizers runs it as Isolated`,
    )
  }
}

function allTokens(model: Model, added: readonly AddedToken[], where: string): string[] {
  const tokens = [...model.tokens]
  const names = new Map(model.ids)
  for (const { id, content } of added) {
    checkToken(content, id, `${where}: added_tokens`)
    const other = tokens[id] ?? content
    if (other !== content || (names.get(content) ?? id) !== id) {
      const clash = other === content ? `${quote(content)} has two ids` : `id ${id} stands for ${quote(other)} too`
      throw new DataError(`${where}: added_tokens: ${quote(content)}: ${clash}`)
    }
    tokens[id] = content
    names.set(content, id)
  }
  const hole = tokens.findIndex((token) => token === undefined)
  if (hole >= 0) {
    throw new DataError(`${where}: expected a token for every id from 0 to ${tokens.length - 1}, got none for ${hole}`)
  }
  return tokens as string[]
}

/** Checks a parsed `tokenizer.json`; nothing of it is run. Throws DataError that starts with `where`. */
export function checkTokenizerFile(value: unknown, where: string): TokenizerFile {
  if (!isJsonObject(value)) throw new DataError(`${where}: expected a tokenizer.json, which is an object`)
  const components = checkJson(value, fileSchema, where)
  const component = (name: keyof typeof components): JsonObject | null =>
    (components[name] ?? null) as JsonObject | null
  const model = readModel(value.model, `${where}: model`)
  const added = checkJson(value.added_tokens ?? [], addedSchema, `${where}: added_tokens`)
  const file: TokenizerFile = {
    normalizer: component('normalizer'),
    preTokenizer: component('pre_tokenizer'),
    model,
    postProcessor: component('post_processor'),
    decoder: component('decoder'),
    added,
    tokens: allTokens(model, added, where),
    json: value,
  }
  checkSplits(file, where)
  for (const name of ['normalizer', 'decoder'] as const) {
    const growth = growthOf(component(name))
    if (growth > maxGrowth) {
      throw new DataError(`${where}: ${name}: its replacements could make a text ${growth} times longer`)
    }
  }
  const known = new Set(file.tokens)
  for (const piece of specialPieces(file.postProcessor)) {
    if (!known.has(piece)) {
      throw new DataError(`${where}: post_processor: ${quote(piece)} is not in the vocabulary`)
    }
  }
  return file
}
