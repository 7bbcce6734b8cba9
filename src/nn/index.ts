export { type ActivationName, activation } from './activation.ts'
export { dropout } from './dropout.ts'
export { feedForward, type FeedForwardOptions } from './feed-forward.ts'
export { constant, fanIn, he, normal, ones, scaled, truncatedNormal, xavier, zeros } from './init.ts'
export { linear, type LinearOptions } from './linear.ts'
export {
  binaryCrossEntropy,
  crossEntropy,
  type CrossEntropyOptions,
  crossEntropyWith,
  type Loss,
  meanSquaredError,
} from './loss.ts'
export { batchNorm, type BatchNormOptions, layerNorm, type NormOptions, rmsNorm } from './norm.ts'
export { sequential } from './sequential.ts'
export {
  branch,
  type Branch,
  type Join,
  type Norm,
  type Placement,
  type Seat,
  type Skip,
  type Stream,
} from './wiring/protocol.ts'
export { type Block, type Parts, wire, wireParts } from './wiring/wire.ts'
export { type ResolvedWiring, resolveWiring, type Wiring } from './wiring/wiring.ts'
