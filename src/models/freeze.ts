import { freeze as frozen } from '../nn/freeze.ts'
import { specified, type SpecifiedNet } from './spec.ts'

/** `nn.freeze` of a model that a run folder can make again. */
export const freeze = (base: SpecifiedNet, patterns: readonly string[]): SpecifiedNet =>
  specified({ name: 'freeze', options: { base: base.spec, patterns } }, frozen(base, patterns))
