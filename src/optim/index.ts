export { adam, type AdamOptions, adamW, type AdamWOptions } from './adam.ts'
export { clipNorm, type Optimizer } from './optimizer.ts'
export {
  constant,
  cosine,
  type DecayOptions,
  linear,
  type Schedule,
  stepDecay,
  type StepDecayOptions,
} from './schedule.ts'
export { sgd, type SgdOptions } from './sgd.ts'
