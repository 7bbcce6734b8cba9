export { type ActivationName, activation } from './activation.ts'
export { attention, type AttentionOptions, crossAttention, type CrossAttentionOptions } from './attention.ts'
export { convBranch, type ConvBranchOptions } from './conv-branch.ts'
export {
  channelsFirst,
  conv1d,
  type Conv1dOptions,
  conv2d,
  type Conv2dOptions,
  convTranspose1d,
  type ConvTranspose1dOptions,
  convTranspose2d,
  type ConvTranspose2dOptions,
} from './convolution.ts'
export { withContext } from './context.ts'
export { dropout } from './dropout.ts'
export { embedding, type EmbeddingOptions, type TiedEmbedding, tiedEmbedding } from './embedding.ts'
export { feedForward, type FeedForwardOptions } from './feed-forward.ts'
export { flatten } from './flatten.ts'
export { freeze } from './freeze.ts'
export { gatedFeedForward, type GatedFeedForwardOptions } from './gated-feed-forward.ts'
export { image, type ImageOptions } from './image.ts'
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
export { lora, type LoraNet, type LoraOptions } from './lora.ts'
export { type Adapter, adaptersOf, mergeLora } from './lora-weights.ts'
export { adaNorm, type AdaNormOptions } from './norms/ada.ts'
export { batchNorm, type BatchNormOptions } from './norms/batch.ts'
export { derf, type DerfOptions } from './norms/derf.ts'
export { dyt, type DytOptions } from './norms/dyt.ts'
export { groupNorm, type GroupNormOptions } from './norms/group.ts'
export { instanceNorm } from './norms/instance.ts'
export { layerNorm, type LayerNormOptions, type NormOptions } from './norms/layer.ts'
export { powerNorm } from './norms/power.ts'
export { rmsNorm, type RmsNormOptions } from './norms/rms.ts'
export { scaleNorm } from './norms/scale.ts'
export { spectralNorm, type SpectralNormOptions } from './norms/spectral-norm.ts'
export { standardize, type StandardizeOptions } from './norms/standardize.ts'
export { unitNorm, type UnitNormOptions } from './norms/unit.ts'
export { unitWeights } from './norms/unit-weights.ts'
export { weightNorm, type WeightNormOptions } from './norms/weight-norm.ts'
export type { ParameterRule } from './norms/weights.ts'
export { learnedPositions, type PositionOptions, sinusoidalPositions } from './position.ts'
export { averagePool, globalAveragePool, globalMaxPool, maxPool, meanPool } from './pooling.ts'
export { rotary, type RotaryOptions } from './rotary.ts'
export { sequential } from './sequential.ts'
export {
  branch,
  type Branch,
  type Join,
  type Norm,
  type Placement,
  type Run,
  type RunOptions,
  type Seat,
  type Skip,
  type Stream,
} from './wiring/protocol.ts'
export { type Around, type Block, wire, wireParts } from './wiring/wire.ts'
export type { Choice } from './wiring/variant.ts'
export {
  type BranchScale,
  type Parts,
  type ResolvedWiring,
  resolveWiring,
  warningsOf,
  type Wiring,
} from './wiring/wiring.ts'
