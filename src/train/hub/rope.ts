import { DataError } from '../../errors.ts'
import type { JsonObject } from '../../files/json.ts'
import type { RotaryOptions, RotaryScaling } from '../../nn/rotary.ts'
import { checkConfig, count, nameIn, only, positive } from './config.ts'

const kinds = nameIn(['default', 'linear', 'llama3'])
const scalingFields = {
  rope_type: kinds.optional(),
  type: kinds.optional(),
  rope_theta: positive.optional(),
  partial_rotary_factor: only(1),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: count.optional(),
}

/** The fields of a configuration that say how its rotary positions turn; `rope_parameters` is what transformers 5 writes. */
export interface RopeConfig {
  readonly rope_theta?: number | undefined
  readonly rope_scaling?: Readonly<Record<string, unknown>> | undefined
  readonly rope_parameters?: Readonly<Record<string, unknown>> | undefined
  readonly max_position_embeddings: number
}

/** The rotary options of a configuration. Throws DataError for a scaling that is not known or misses a number. */
export function rotaryOf(config: RopeConfig, where: string): RotaryOptions {
  const { rope_scaling: scaling, rope_parameters: parameters } = config
  if (scaling !== undefined && parameters !== undefined)
    throw new DataError(`${where}: expected "rope_scaling" or "rope_parameters", got both. Remove one`)
  const inside = scaling === undefined ? 'rope_parameters' : 'rope_scaling'
  const given = checkConfig(scaling ?? parameters ?? {}, scalingFields, where, inside)
  const base = given.rope_theta ?? config.rope_theta ?? 10000
  const type = given.rope_type ?? given.type ?? 'default'
  const need = (name: 'factor' | 'low_freq_factor' | 'high_freq_factor'): number => {
    const value = given[name]
    if (value !== undefined) return value
    throw new DataError(`${where}: "${inside}.${name}" is missing, expected a positive number for ${type}`)
  }
  if (type === 'default') return { base }
  if (type === 'linear') return { base, scaling: { type, factor: need('factor') } }
  const [factor, low, high] = [need('factor'), need('low_freq_factor'), need('high_freq_factor')]
  const context = given.original_max_position_embeddings ?? config.max_position_embeddings
  return { base, scaling: { type, factor, low, high, context } }
}

function hubScaling(scaling: RotaryScaling | undefined): JsonObject | null {
  if (scaling === undefined) return null
  if (scaling.type === 'linear') return { rope_type: 'linear', factor: scaling.factor }
  const { factor, low, high, context } = scaling
  return {
    rope_type: 'llama3',
    factor,
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: context,
  }
}

/** The same as fields of a configuration, in the form that transformers 4 and 5 read. */
export const hubRope = ({ base = 10000, scaling }: RotaryOptions): JsonObject => ({
  rope_theta: base,
  rope_scaling: hubScaling(scaling),
})
