import {
  enum as oneOf,
  int,
  literal,
  number,
  strictObject,
  type infer as Infer,
  type ZodObject,
  type ZodType,
} from 'zod'
import { DataError } from '../../errors.ts'

/** Fields that say nothing about what a net computes from its tokens. */
const harmless: ReadonlySet<string> = new Set([
  ...['_name_or_path', '_commit_hash', 'name_or_path', 'transformers_version', 'transformers.js_config', 'model_type'],
  ...['torch_dtype', 'dtype', 'use_bfloat16', 'torchscript', 'tf_legacy_loss', 'tokenizer_class', 'prefix'],
  ...['finetuning_task', 'task_specific_params', 'problem_type', 'label2id', 'id2label', 'num_labels'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'sep_token_id', 'cls_token_id', 'decoder_start_token_id'],
  ...['use_cache', 'cache_implementation', 'attn_implementation', '_attn_implementation'],
  ...['_attn_implementation_autoset', 'is_llama_config', 'is_decoder', 'tie_encoder_decoder', 'output_past'],
  ...['return_dict', 'output_attentions', 'output_hidden_states', 'predict_special_tokens', 'max_window_layers'],
  ...['gradient_checkpointing', 'chunk_size_feed_forward', 'initializer_range', 'initializer_factor'],
  ...['attention_dropout', 'hidden_dropout', 'hidden_dropout_prob', 'attention_probs_dropout_prob'],
  ...['classifier_dropout', 'attn_pdrop', 'resid_pdrop', 'embd_pdrop'],
  ...['summary_type', 'summary_use_proj', 'summary_activation', 'summary_proj_to_labels', 'summary_first_dropout'],
  ...['directionality', 'pooler_fc_size', 'pooler_num_attention_heads', 'pooler_num_fc_layers', 'pooler_size_per_head'],
  ...['pooler_type', 'max_length', 'min_length', 'max_new_tokens', 'do_sample', 'temperature', 'top_k', 'top_p'],
  ...['typical_p', 'num_beams', 'num_beam_groups', 'diversity_penalty', 'early_stopping', 'repetition_penalty'],
  ...['length_penalty', 'no_repeat_ngram_size', 'encoder_no_repeat_ngram_size', 'num_return_sequences'],
  ...['output_scores', 'return_dict_in_generate', 'remove_invalid_values'],
])

export const count: ZodType<number> = int('a positive integer').positive('a positive integer')
export const positive: ZodType<number> = number('a positive number').positive('a positive number')

/** The names of a list as an error says what was expected. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

/** One of some names. */
export const nameIn = <const N extends string>(names: readonly N[]): ZodType<N> => oneOf(names, listed(names))

/** A field that must have this value where it is given: any other changes the computation. */
export const only = <const V extends boolean | number | string>(value: V): ZodType<V | undefined> =>
  literal(value, String(value)).optional()

type Fields = Readonly<Record<string, ZodType>>

function text(value: unknown): string {
  const full = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item))
  return full.length > 80 ? `${full.slice(0, 80)}…` : full
}

const within = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined

/**
 * The fields of a configuration. One that is null counts as left out unless its schema takes null; those known to be
 * without effect on the computation are passed over.
 *
 * Throws DataError that names the first field that has another value than expected, or that is not known; `inside` is the
 * name of the object that holds the fields.
 */
export function checkConfig<F extends Fields>(
  config: Readonly<Record<string, unknown>>,
  fields: F,
  where: string,
  inside = '',
): Infer<ZodObject<F>> {
  const takesNull = (key: string): boolean => Object.hasOwn(fields, key) && fields[key]!.safeParse(null).success
  const given = Object.entries(config).filter(([key, value]) => {
    return Object.hasOwn(fields, key) ? value !== null || takesNull(key) : value !== null && !harmless.has(key)
  })
  const result = strictObject(fields).safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const [issue] = result.error.issues
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...issue!.path, ...unknown]
  const value = path.reduce<unknown>(within, config)
  const got = `"${[...(inside === '' ? [] : [inside]), ...path].join('.')}" is ${value === undefined ? 'missing' : text(value)}`
  throw new DataError(
    unknown.length > 0
      ? `${where}: ${got}, which is not known here and may change what the model computes. Remove it if it does not`
      : `${where}: ${got}, expected ${issue!.message}`,
  )
}
