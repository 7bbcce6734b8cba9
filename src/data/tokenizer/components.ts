import {
  array,
  boolean,
  discriminatedUnion,
  int,
  literal,
  nullable,
  object,
  string,
  tuple,
  union,
  enum as oneOf,
  type ZodObject,
  type ZodType,
} from 'zod'

/** Longest text of a token, a pattern or a replacement, in UTF-16 units. */
export const longestText = 4096

const most = 64
const text = string().max(longestText)
const flag = boolean().optional()
const pattern = union([object({ String: text.min(1) }), object({ Regex: text })], {
  error: 'expected a pattern { String } or { Regex }',
})
const replace = object({ pattern, content: text })

/** A component of one of `types`, or a sequence, named `list`, of such; null is none. */
function component(types: Readonly<Record<string, ZodObject>>, list: string): ZodType {
  const error = `expected one of the types that @huggingface/tokenizers runs as published: ${Object.keys(types).join(', ')}, Sequence`
  const [first, ...others] = Object.entries(types).map(([type, schema]) => schema.safeExtend({ type: literal(type) }))
  const single = [first!, ...others] as const
  const parts = array(discriminatedUnion('type', single, { error })).max(most)
  const sequence = object({ type: literal('Sequence'), [list]: parts })
  return nullable(discriminatedUnion('type', [...single, sequence], { error })).optional()
}

/** What the library does with a split; the other behaviours it runs as `Isolated`. */
const split = object({ pattern, behavior: string(), invert: flag }).refine(
  ({ pattern, behavior, invert = false }) =>
    (behavior === 'Isolated' && !invert) ||
    (behavior === 'Removed' && (invert || 'Regex' in pattern)) ||
    (behavior === 'MergedWithPrevious' && 'String' in pattern),
  'expected the behavior Isolated, or Removed by a Regex or inverted',
)

const metaspace = object({
  replacement: text.min(1).optional(),
  prepend_scheme: oneOf(['always', 'first', 'never']).optional(),
  add_prefix_space: flag,
}).refine(
  ({ add_prefix_space: add, prepend_scheme: scheme }) => scheme !== undefined || add !== false,
  'expected prepend_scheme beside add_prefix_space: false',
)

/** The normalizer of a `tokenizer.json`. */
export const normalizerSchema: ZodType = component(
  {
    NFC: object({}),
    NFD: object({}),
    NFKC: object({}),
    NFKD: object({}),
    Lowercase: object({}),
    StripAccents: object({}),
    Strip: object({ strip_left: boolean(), strip_right: boolean() }),
    Prepend: object({ prepend: text }),
    Replace: replace,
    Precompiled: object({ precompiled_charsmap: nullable(string()) }),
    BertNormalizer: object({
      clean_text: boolean(),
      handle_chinese_chars: boolean(),
      strip_accents: nullable(boolean()),
      lowercase: boolean(),
    }),
  },
  'normalizers',
)

/** The pre-tokenizer of a `tokenizer.json`. */
export const preTokenizerSchema: ZodType = component(
  {
    ByteLevel: object({ add_prefix_space: boolean(), use_regex: flag }),
    BertPreTokenizer: object({}),
    Whitespace: object({}),
    WhitespaceSplit: object({}),
    Metaspace: metaspace,
    Split: split,
    Punctuation: object({ behavior: literal('Contiguous') }),
    Digits: object({ individual_digits: boolean() }),
    FixedLength: object({ length: int().positive() }),
  },
  'pretokenizers',
)

const templateItem = union(
  [
    object({ SpecialToken: object({ id: text, type_id: int().nonnegative() }) }),
    object({ Sequence: object({ id: oneOf(['A', 'B']), type_id: int().nonnegative() }) }),
  ],
  { error: 'expected { SpecialToken } or { Sequence }' },
)
const template = array(templateItem).max(most)
const pieceAndId = tuple([text, int().nonnegative()])

/** The post-processor of a `tokenizer.json`. */
export const postProcessorSchema: ZodType = component(
  {
    ByteLevel: object({}),
    TemplateProcessing: object({ single: template, pair: template }),
    BertProcessing: object({ sep: pieceAndId, cls: pieceAndId }),
    RobertaProcessing: object({ sep: pieceAndId, cls: pieceAndId }),
  },
  'processors',
)

/** The decoder of a `tokenizer.json`. */
export const decoderSchema: ZodType = component(
  {
    ByteLevel: object({}),
    ByteFallback: object({}),
    Fuse: object({}),
    Metaspace: object({
      replacement: text.min(1).optional(),
      prepend_scheme: oneOf(['always', 'first']).optional(),
      add_prefix_space: literal(true).optional(),
    }),
    Replace: replace,
    Strip: object({ content: text, start: int().nonnegative(), stop: literal(0) }),
    WordPiece: object({ prefix: text, cleanup: boolean() }),
    BPEDecoder: object({ suffix: text.min(1) }),
  },
  'decoders',
)
