import { array, int, looseObject, union } from 'zod'
import { checkJson } from '../../files/json.ts'

/** The tokens that begin, end and fill up a text. */
export interface TextTokens {
  readonly bos: number | null
  /** A text ends with any of them. */
  readonly eos: readonly number[]
  readonly pad: number | null
}

const token = int('expected a token').nonnegative('expected a token')
const fields = looseObject({
  bos_token_id: token.nullish(),
  eos_token_id: union([token, array(token)], 'expected a token or a list of tokens').nullish(),
  pad_token_id: token.nullish(),
})

/** The tokens that the first of several configurations names; `config.json` comes after `generation_config.json`. */
export function textTokens(configs: readonly (readonly [file: string, content: unknown])[]): TextTokens {
  const all = configs.map(([file, content]) => checkJson(content, fields, file))
  const first = <K extends keyof (typeof all)[number]>(key: K) =>
    all.map((config) => config[key]).find((id) => id != null)
  const eos = first('eos_token_id') ?? []
  return {
    bos: first('bos_token_id') ?? null,
    eos: typeof eos === 'number' ? [eos] : eos,
    pad: first('pad_token_id') ?? null,
  }
}
