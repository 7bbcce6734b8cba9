import { DataError, OptionError } from '../../../errors.ts'
import type { JsonObject } from '../../../files/json.ts'
import type { ModelSpec } from '../../../models/spec.ts'
import { listed } from '../config.ts'
import { bert } from './bert.ts'
import type { Family } from './family.ts'
import { gpt2 } from './gpt2.ts'
import { llama, mistral } from './llama.ts'
import { qwen2, qwen3 } from './qwen.ts'

/** All families; a net that several take is written as the first of them. */
export const families: readonly Family[] = [gpt2, llama, mistral, qwen2, qwen3, bert]

/** The family of a `config.json`. Throws DataError for a `model_type` that is not known. */
export function familyOfConfig({ model_type: type }: JsonObject, where: string): Family {
  const found = families.find((family) => family.type === type)
  if (found !== undefined) return found
  const got = type === undefined ? 'missing' : JSON.stringify(type)
  throw new DataError(`${where}: "model_type" is ${got}, expected ${listed(families.map((family) => family.type))}`)
}

/** The family that a net is of. Throws OptionError that says of each why it is none. */
export function familyOfNet(spec: ModelSpec): Family {
  const reasons: string[] = []
  for (const family of families) {
    const reason = family.refuses(spec)
    if (reason === null) return family
    reasons.push(`${family.type}: ${reason}`)
  }
  throw new OptionError(`this net is in no family of transformers. ${reasons.join('; ')}. Export it as ONNX`)
}
