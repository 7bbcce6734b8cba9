import type { JsonObject } from '../../../files/json.ts'
import type { ModelSpec } from '../../../models/spec.ts'
import type { WeightTable } from '../weight-table.ts'

/** A net that was found in a folder or file. */
export interface Described {
  readonly spec: ModelSpec
  /** Longest sequence, in tokens. */
  readonly context: number
}

/** A `model_type` of Hugging Face's transformers: its configuration and weights, to our nets and back. */
export interface Family {
  /** The `model_type`. */
  readonly type: string
  /** The net of a `config.json`. Throws DataError for what is not known or cannot be. */
  readonly describe: (config: JsonObject, where: string) => Described
  /** Why a net is none of the family, or null where it is one. */
  readonly refuses: (spec: ModelSpec) => string | null
  /** The `config.json` of a net of the family. */
  readonly config: (spec: ModelSpec, context: number) => JsonObject
  /** Where its tensors belong. */
  readonly weights: (spec: ModelSpec) => WeightTable
}

/** Where no token begins or ends a text, the defaults of transformers, which are those of one tokenizer, shall not. */
export const noTokens: JsonObject = { bos_token_id: null, eos_token_id: null }
