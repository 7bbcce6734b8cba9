import { int, record, strictObject, string, tuple } from 'zod'
import type { JsonObject } from '../../../files/json.ts'
import type { BertOptions } from '../../../models/bert.ts'
import type { ModelSpec } from '../../../models/spec.ts'
import { resolveWiring, type Wiring } from '../../../nn/wiring/wiring.ts'
import { activationField, activationOf, hubActivation } from '../activations.ts'
import { checkConfig, count, nameIn, only, positive } from '../config.ts'
import { allMaps, difference, trunkOf } from '../net.ts'
import type { WeightTable } from '../weight-table.ts'
import type { Family } from './family.ts'

const classes = ['BertModel', 'BertForMaskedLM', 'BertForPreTraining', 'BertForSequenceClassification'] as const

const fields = {
  architectures: tuple([nameIn(classes)], `one of ${classes.join(', ')}`),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: count,
  hidden_act: activationField.default('gelu'),
  max_position_embeddings: count,
  type_vocab_size: count.default(2),
  layer_norm_eps: positive.default(1e-12),
  pad_token_id: int('a token').nonnegative('a token').nullable().default(0),
  id2label: record(string(), string('a label')).optional(),
  num_labels: count.optional(),
  pruned_heads: strictObject({}, 'no pruned heads').optional(),
  position_embedding_type: only('absolute'),
  tie_word_embeddings: only(true),
  is_decoder: only(false),
  is_encoder_decoder: only(false),
  add_cross_attention: only(false),
}

const bertWiring = (epsilon: number): Wiring => ({
  norm: { name: 'layer', epsilon },
  placement: 'post',
  embedNorm: true,
})

const optionsOf = ({ options }: ModelSpec): BertOptions => options as unknown as BertOptions

type Outputs = NonNullable<BertOptions['outputs']>

const attention = 'blocks.{i}.attention'
const mlp = 'blocks.{i}.mlp'
const layer = 'encoder.layer.{i}'
const trunk = {
  'embeddings.word_embeddings.weight': 'embed.weight',
  'embeddings.position_embeddings.weight': 'positions.weight',
  'embeddings.token_type_embeddings.weight': 'types.weight',
  'embeddings.LayerNorm.weight': 'embedNorm.gain',
  'embeddings.LayerNorm.bias': 'embedNorm.bias',
  [`${layer}.attention.self.query.weight`]: `${attention}.query.weight`,
  [`${layer}.attention.self.query.bias`]: `${attention}.query.bias`,
  [`${layer}.attention.self.key.weight`]: `${attention}.key.weight`,
  [`${layer}.attention.self.key.bias`]: `${attention}.key.bias`,
  [`${layer}.attention.self.value.weight`]: `${attention}.value.weight`,
  [`${layer}.attention.self.value.bias`]: `${attention}.value.bias`,
  [`${layer}.attention.output.dense.weight`]: `${attention}.out.weight`,
  [`${layer}.attention.output.dense.bias`]: `${attention}.out.bias`,
  [`${layer}.attention.output.LayerNorm.weight`]: `${attention}.norm.gain`,
  [`${layer}.attention.output.LayerNorm.bias`]: `${attention}.norm.bias`,
  [`${layer}.intermediate.dense.weight`]: `${mlp}.up.weight`,
  [`${layer}.intermediate.dense.bias`]: `${mlp}.up.bias`,
  [`${layer}.output.dense.weight`]: `${mlp}.down.weight`,
  [`${layer}.output.dense.bias`]: `${mlp}.down.bias`,
  [`${layer}.output.LayerNorm.weight`]: `${mlp}.norm.gain`,
  [`${layer}.output.LayerNorm.bias`]: `${mlp}.norm.bias`,
}

interface Head {
  readonly name: (typeof classes)[number]
  /** Before the names of the trunk's tensors. */
  readonly prefix: string
  readonly tensors: Readonly<Record<string, string>>
  readonly repeats: Readonly<Record<string, string>>
  /** Beside the position ids. */
  readonly ignored: readonly string[]
}

const headOf = (outputs: Outputs): Head => heads[typeof outputs === 'number' ? 'classes' : outputs]

const heads: Readonly<Record<'hidden' | 'vocabulary' | 'classes', Head>> = {
  hidden: {
    name: 'BertModel',
    prefix: '',
    tensors: {},
    repeats: {},
    ignored: ['pooler.dense.weight', 'pooler.dense.bias'],
  },
  vocabulary: {
    name: 'BertForMaskedLM',
    prefix: 'bert.',
    tensors: {
      'cls.predictions.transform.dense.weight': 'transform.weight',
      'cls.predictions.transform.dense.bias': 'transform.bias',
      'cls.predictions.transform.LayerNorm.weight': 'transformNorm.gain',
      'cls.predictions.transform.LayerNorm.bias': 'transformNorm.bias',
      'cls.predictions.bias': 'head.bias',
    },
    repeats: {
      'cls.predictions.decoder.weight': 'bert.embeddings.word_embeddings.weight',
      'cls.predictions.decoder.bias': 'cls.predictions.bias',
    },
    ignored: [
      'bert.pooler.dense.weight',
      'bert.pooler.dense.bias',
      'cls.seq_relationship.weight',
      'cls.seq_relationship.bias',
    ],
  },
  classes: {
    name: 'BertForSequenceClassification',
    prefix: 'bert.',
    tensors: {
      'bert.pooler.dense.weight': 'pool.weight',
      'bert.pooler.dense.bias': 'pool.bias',
      'classifier.weight': 'head.weight',
      'classifier.bias': 'head.bias',
    },
    repeats: {},
    ignored: [],
  },
}

/** `prefix` before the trunk's names, whether the file has it or not, and today's names of the norms' parameters. */
function rename(name: string, prefix: string): string {
  const bare = name.replace(/^bert\./, '')
  const full = /^(embeddings|encoder|pooler)\./.test(bare) ? `${prefix}${bare}` : bare
  return full.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias')
}

function outputsOf(name: (typeof classes)[number], labels: number): Outputs {
  if (name === 'BertForSequenceClassification') return labels
  return name === 'BertModel' ? 'hidden' : 'vocabulary'
}

/**
 * Encoders such as MiniLM (`BertModel`, of which the pooler is left out), masked language models and classifiers.
 *
 * Source: Devlin et al. 2018, arXiv:1810.04805; transformers' `BertModel`.
 */
export const bert: Family = {
  type: 'bert',
  describe(config, where) {
    const given = checkConfig(config, fields, where)
    const labels = given.id2label === undefined ? (given.num_labels ?? 2) : Object.keys(given.id2label).length
    const outputs = outputsOf(given.architectures[0], labels)
    const options: BertOptions = {
      layers: given.num_hidden_layers,
      width: given.hidden_size,
      heads: given.num_attention_heads,
      hidden: given.intermediate_size,
      vocabulary: given.vocab_size,
      context: given.max_position_embeddings,
      activation: activationOf(given.hidden_act),
      types: given.type_vocab_size,
      outputs,
      ...(given.pad_token_id === null ? {} : { padding: given.pad_token_id }),
      wiring: bertWiring(given.layer_norm_eps),
    }
    return { spec: { name: 'bert', options: { ...options } }, context: given.max_position_embeddings }
  },
  refuses(spec) {
    if (spec.name !== 'bert') return `it is models.${spec.name}`
    const options = optionsOf(spec)
    const { outputs = 'hidden', pool = 'first' } = options
    const net = trunkOf(options, bertWiring(1e-12))
    return difference(
      { ...net, pool },
      {
        positions: 'learned',
        feedForward: 'plain',
        keyValueHeads: net.heads,
        headSize: net.width / net.heads,
        attentionBias: allMaps,
        feedForwardBias: true,
        ...(typeof outputs === 'number' ? { pool: 'first' } : {}),
        wiring: resolveWiring(bertWiring(net.epsilon)),
      },
    )
  },
  config(spec, context): JsonObject {
    const options = optionsOf(spec)
    const { outputs = 'hidden', types = 2 } = options
    const net = trunkOf(options, bertWiring(1e-12))
    const labels = Array.from({ length: typeof outputs === 'number' ? outputs : 0 }, (_, i) => `LABEL_${i}`)
    return {
      architectures: [headOf(outputs).name],
      model_type: 'bert',
      vocab_size: net.vocabulary,
      hidden_size: net.width,
      num_hidden_layers: options.layers,
      num_attention_heads: net.heads,
      intermediate_size: net.hidden,
      hidden_act: hubActivation(net.activation),
      max_position_embeddings: context,
      type_vocab_size: types,
      layer_norm_eps: net.epsilon,
      pad_token_id: net.padding,
      position_embedding_type: 'absolute',
      attention_probs_dropout_prob: net.dropout,
      hidden_dropout_prob: 0,
      ...(labels.length === 0
        ? {}
        : {
            id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
            label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
          }),
    }
  },
  weights(spec): WeightTable {
    const { prefix, tensors, repeats, ignored } = headOf(optionsOf(spec).outputs ?? 'hidden')
    const named = Object.entries(trunk).map(([name, path]): [string, string] => [`${prefix}${name}`, path])
    return {
      tensors: { ...Object.fromEntries(named), ...tensors },
      repeats,
      ignored: (name) => name === `${prefix}embeddings.position_ids` || ignored.includes(name),
      rename: (name) => rename(name, prefix),
    }
  },
}
