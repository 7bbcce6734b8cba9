/** The models that `residua train` knows: which options each takes, what it does where they are left out. */
import { OptionError } from '../errors.ts'
import { trace, type Traced } from '../graph/scope.ts'
import { mlp } from '../models/mlp.ts'
import { preActivated, resnet } from '../models/resnet.ts'
import type { SpecifiedNet } from '../models/spec.ts'
import type { ActivationName } from '../nn/activation.ts'
import { choose } from '../nn/options.ts'
import { resolveWiring, type Wiring } from '../nn/wiring/wiring.ts'
import { sizeOf } from '../tensor.ts'
import type { Settings } from './settings.ts'
import type { Source, Task } from './source.ts'
import { type GptFlags, gptFlags, gptNet, gptSettings } from './train-gpt.ts'

/** The options that say what a net is, where they are given. */
export interface NetFlags extends GptFlags {
  readonly task?: Task
  readonly depth?: number
  readonly width?: number
  readonly hidden?: number
  readonly dropout?: number
  readonly bottleneck?: true
  readonly activation?: string
  readonly wiring?: Wiring
}

type NetSettings = Pick<
  Settings,
  'depth' | 'width' | 'hidden' | 'dropout' | 'bottleneck' | 'activation' | 'wiring' | 'gpt'
>
type Data = Pick<Source, 'train' | 'outputs' | 'image'>

/** What a training does where nothing is said. */
interface Preset {
  readonly epochs: number | null
  readonly steps: number | null
  readonly batchSize: number
  readonly schedule: string
  /** Most steps of warm-up, and at most a tenth of the training. */
  readonly warmup: number
  readonly clipNorm: number | null
}

interface TrainModel {
  /** Which of the options that not every model has. */
  readonly takes: readonly (keyof NetFlags)[]
  readonly preset: Preset
  readonly settings: (flags: NetFlags) => NetSettings
  readonly net: (settings: Settings, data: Data) => SpecifiedNet
}

const particular: readonly (keyof NetFlags)[] = ['task', 'depth', 'hidden', 'dropout', 'bottleneck', ...gptFlags]

const fewEpochs: Preset = { epochs: 2, steps: null, batchSize: 32, schedule: 'constant', warmup: 0, clipNorm: null }

export const models: Readonly<Record<string, TrainModel>> = {
  mlp: {
    takes: ['task', 'depth', 'hidden', 'dropout'],
    preset: fewEpochs,
    settings: ({ depth = 2, width = 128, hidden = width, dropout = 0, activation = 'relu', wiring = {} }) => ({
      ...{ depth, width, hidden, dropout, bottleneck: false, activation },
      wiring: resolveWiring(wiring),
    }),
    net: ({ depth, width, hidden, dropout, activation, wiring }, { outputs }) =>
      mlp({
        depth: depth!,
        width,
        hidden: hidden!,
        dropout,
        activation: activation as ActivationName,
        outputs,
        wiring,
      }),
  },
  resnet: {
    takes: ['task', 'depth', 'bottleneck'],
    preset: fewEpochs,
    settings: ({ depth = 20, bottleneck = false, activation = 'relu', wiring = preActivated, ...flags }) => ({
      ...{ depth, width: flags.width ?? (bottleneck ? 64 : 16), hidden: null, dropout: 0, bottleneck, activation },
      wiring: resolveWiring(wiring),
    }),
    net: ({ depth: layers, width: channels, bottleneck, activation, wiring }, { train, outputs, image }) => {
      if (image === null) {
        throw new OptionError(
          `train: resnet needs images, ${train.name} has rows of ${sizeOf(train.inputs.shape)} numbers; train an mlp, or take --data mnist or fashion-mnist`,
        )
      }
      const depth = layers!
      const options = { depth, channels, bottleneck, activation: activation as ActivationName, outputs, image, wiring }
      return resnet(options)
    },
  },
  gpt: {
    takes: ['hidden', 'dropout', ...gptFlags],
    preset: { epochs: null, steps: 2000, batchSize: 8, schedule: 'cosine', warmup: 100, clipNorm: 1 },
    settings: ({ width = 128, dropout = 0, wiring = { norm: 'rms' }, ...flags }) => {
      const gpt = gptSettings(flags)
      const kind = feedForwards[gpt.feedForward]
      return {
        ...{ depth: null, width, dropout, bottleneck: false, wiring: resolveWiring(wiring), gpt },
        hidden: flags.hidden ?? kind.hidden(width),
        activation: flags.activation ?? kind.activation,
      }
    },
    net: (settings, { outputs }) => gptNet(settings, outputs),
  },
}

/** What makes the two kinds of feed-forward as large: three matrices of 8/3 widths, or two of 4. */
const feedForwards = {
  gated: { hidden: (width: number): number => 8 * Math.ceil(width / 3), activation: 'silu' },
  plain: { hidden: (width: number): number => 4 * width, activation: 'gelu' },
}

/** `kvHeads` as it stands on a command line. */
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** What the flags mean for a model. Throws OptionError for an unknown model, and for flags that it does not take. */
export function netSettings(model: string, flags: NetFlags): NetSettings {
  const { takes, settings } = choose('train', models, model)
  const foreign = particular.filter((name) => flags[name] !== undefined && !takes.includes(name))
  if (foreign.length === 0) return settings(flags)
  const names = foreign.map(flagOf).join(', ')
  throw new OptionError(`train: ${model} takes no ${names}; leave it out, or choose another model`)
}

/** One ONNX file holds less than 2 GiB, which is this many float32 numbers. */
const mostParameters = 2 ** 29

/** Makes the net, and traces it. Throws OptionError where the data does not suit it, or no file could hold it. */
export function netOf(settings: Settings, data: Data): { net: SpecifiedNet; traced: Traced } {
  const { model, depth, width, gpt } = settings
  const net = choose('train', models, model).net(settings, data)
  const { dtype, shape } = data.train.inputs
  const traced = trace(net, dtype, [2, ...shape])
  const parameters = Array.from(traced.parameters.values(), ({ value }) => sizeOf(value.shape))
  const total = parameters.reduce((sum, size) => sum + size, 0)
  if (total < mostParameters) return { net, traced }
  throw new OptionError(
    `${model}: ${gpt ? `${gpt.layers} layers` : `depth ${depth}`} and width ${width} make ${total} parameters, expected fewer than ${mostParameters}`,
  )
}
