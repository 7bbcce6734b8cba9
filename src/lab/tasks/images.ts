import { fashionMnist } from '../../data/fashion-mnist.ts'
import { mnist, type SourceOptions, type TrainAndTest } from '../../data/mnist.ts'
import { take } from '../../data/dataset.ts'
import { mlp } from '../../models/mlp.ts'
import { resnet } from '../../models/resnet.ts'
import type { ActivationName } from '../../nn/activation.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { accuracy } from '../../train/metrics.ts'
import type { Task, TaskData } from '../study/task.ts'
import { classMeasures } from './classes.ts'
import { optionsOf } from './options.ts'

/** How many examples a task takes: fewer make a short form of a study. */
export interface Sizes {
  /** Training examples. Default: all. */
  readonly trainSize?: number | null
  /** Test examples. Default: all. */
  readonly testSize?: number | null
}

export interface ImageMlpOptions extends Sizes {
  /** Residual blocks of two layers each. Default 8. */
  readonly depth?: number
  /** Width of the stream, and inside the blocks. Default 64. */
  readonly width?: number
  /** Default 'relu'. */
  readonly activation?: ActivationName
}

export interface ImageResnetOptions extends Sizes {
  /** 6 n + 2 layers. Default 8. */
  readonly depth?: number
  /** Channels of the first stage. Default 8. */
  readonly width?: number
}

type Open = (options?: SourceOptions) => Promise<TrainAndTest>

async function dataOf(open: Open, { trainSize, testSize }: Required<Sizes>): Promise<TaskData> {
  const { train: all, test: every } = await open()
  const train = trainSize === null ? all : take(all, trainSize)
  const test = testSize === null ? every : take(every, testSize)
  return { train, test, measures: classMeasures(train) }
}

const common = { batchSize: 64, loss: crossEntropy, metrics: { accuracy } }

function imageMlp(name: string, open: Open, given: ImageMlpOptions): Task<Required<ImageMlpOptions>> {
  const defaults = { depth: 8, width: 64, activation: 'relu' as const, trainSize: null, testSize: null }
  const options = optionsOf<ImageMlpOptions>(name, defaults, given)
  return {
    ...{ name, options, ...common },
    open: (chosen) => dataOf(open, chosen),
    net: ({ depth, width, activation }, wiring) => mlp({ depth, width, activation, outputs: 10, wiring }),
  }
}

function imageResnet(name: string, open: Open, given: ImageResnetOptions): Task<Required<ImageResnetOptions>> {
  const defaults = { depth: 8, width: 8, trainSize: null, testSize: null }
  const options = optionsOf<ImageResnetOptions>(name, defaults, given)
  const shape = { height: 28, width: 28, channels: 1 }
  return {
    ...{ name, options, ...common },
    open: (chosen) => dataOf(open, chosen),
    net: ({ depth, width }, wiring) => resnet({ depth, channels: width, outputs: 10, image: shape, wiring }),
  }
}

/** Handwritten digits, an MLP of residual blocks. */
export const mnistTask = (options: ImageMlpOptions = {}): Task<Required<ImageMlpOptions>> =>
  imageMlp('mnist', mnist, options)

/** Pictures of clothes, an MLP of residual blocks. */
export const fashionTask = (options: ImageMlpOptions = {}): Task<Required<ImageMlpOptions>> =>
  imageMlp('fashion-mnist', fashionMnist, options)

/** Handwritten digits, a residual convolution net. */
export const mnistResnetTask = (options: ImageResnetOptions = {}): Task<Required<ImageResnetOptions>> =>
  imageResnet('mnist-resnet', mnist, options)

/** Pictures of clothes, a residual convolution net. */
export const fashionResnetTask = (options: ImageResnetOptions = {}): Task<Required<ImageResnetOptions>> =>
  imageResnet('fashion-mnist-resnet', fashionMnist, options)
