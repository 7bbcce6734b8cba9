import type { ZodType } from 'zod'
import type { ActivationName } from '../../nn/activation.ts'
import { nameIn } from './config.ts'

/** Activations by the names that transformers has for them; of several names for one, the first is written. */
const names: ReadonlyMap<string, ActivationName> = new Map([
  ['gelu', 'gelu'],
  ['gelu_new', 'geluTanh'],
  ['gelu_pytorch_tanh', 'geluTanh'],
  ['gelu_fast', 'geluTanh'],
  ['gelu_python', 'gelu'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['relu', 'relu'],
  ['tanh', 'tanh'],
  ['sigmoid', 'sigmoid'],
])

/** A field that names an activation. */
export const activationField: ZodType<string> = nameIn([...names.keys()])

/** The activation of a name that `activationField` let pass. */
export const activationOf = (name: string): ActivationName => names.get(name)!

export const hubActivation = (activation: ActivationName): string =>
  [...names].find(([, own]) => own === activation)![0]
