import type { LoraOptions } from '../nn/lora.ts'
import { choose } from '../nn/options.ts'
import { bert, type BertOptions } from './bert.ts'
import { freeze } from './freeze.ts'
import { gpt, type GptOptions } from './gpt.ts'
import { lora } from './lora.ts'
import { mlp, type MlpOptions } from './mlp.ts'
import { resnet, type ResnetOptions } from './resnet.ts'
import type { ModelSpec, SpecifiedNet } from './spec.ts'
import { transformer, type TransformerOptions } from './transformer.ts'

/** What another model goes into. */
interface OnBase {
  readonly base: ModelSpec
}

/** Models that a run folder can name. */
const table: Readonly<Record<string, (options: never) => SpecifiedNet>> = {
  bert: (options: BertOptions) => bert(options),
  freeze: ({ base, patterns }: OnBase & { patterns: readonly string[] }) => freeze(modelOf(base), patterns),
  gpt: (options: GptOptions) => gpt(options),
  lora: ({ base, ...options }: OnBase & LoraOptions) => lora(modelOf(base), options),
  mlp: (options: MlpOptions) => mlp(options),
  resnet: (options: ResnetOptions) => resnet(options),
  transformer: (options: TransformerOptions) => transformer(options),
}

/** Makes the model of a specification again. Throws OptionError for an unknown name. */
export const modelOf = ({ name, options }: ModelSpec): SpecifiedNet => choose('model', table, name)(options as never)
