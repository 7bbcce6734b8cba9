import type { Layer } from '../graph/scope.ts'
import { choose } from '../nn/options.ts'
import { bert, type BertOptions } from './bert.ts'
import { gpt, type GptOptions } from './gpt.ts'
import { mlp, type MlpOptions } from './mlp.ts'
import { resnet, type ResnetOptions } from './resnet.ts'
import type { ModelSpec } from './spec.ts'
import { transformer, type TransformerOptions } from './transformer.ts'

/** Models that a run folder can name. */
const table: Readonly<Record<string, (options: never) => Layer>> = {
  bert: (options: BertOptions) => bert(options),
  gpt: (options: GptOptions) => gpt(options),
  mlp: (options: MlpOptions) => mlp(options),
  resnet: (options: ResnetOptions) => resnet(options),
  transformer: (options: TransformerOptions) => transformer(options),
}

/** Makes the model of a specification again. Throws OptionError for an unknown name. */
export const modelOf = ({ name, options }: ModelSpec): Layer => choose('model', table, name)(options as never)
