/**
 * The part of ONNX's protobuf schema (onnx.proto, IR version 10) that Residua writes and reads, as data: field number
 * and kind per field. Unknown fields are skipped when reading.
 */
export type Kind = 'int64' | 'int32' | 'float' | 'string' | 'bytes' | MessageName
export interface Field {
  readonly no: number
  readonly kind: Kind
  readonly repeated?: true
}

export const messages = {
  ModelProto: {
    irVersion: { no: 1, kind: 'int64' },
    producerName: { no: 2, kind: 'string' },
    producerVersion: { no: 3, kind: 'string' },
    graph: { no: 7, kind: 'GraphProto' },
    opsetImport: { no: 8, kind: 'OperatorSetIdProto', repeated: true },
    metadataProps: { no: 14, kind: 'StringStringEntryProto', repeated: true },
  },
  OperatorSetIdProto: { domain: { no: 1, kind: 'string' }, version: { no: 2, kind: 'int64' } },
  StringStringEntryProto: { key: { no: 1, kind: 'string' }, value: { no: 2, kind: 'string' } },
  GraphProto: {
    node: { no: 1, kind: 'NodeProto', repeated: true },
    name: { no: 2, kind: 'string' },
    initializer: { no: 5, kind: 'TensorProto', repeated: true },
    input: { no: 11, kind: 'ValueInfoProto', repeated: true },
    output: { no: 12, kind: 'ValueInfoProto', repeated: true },
  },
  NodeProto: {
    input: { no: 1, kind: 'string', repeated: true },
    output: { no: 2, kind: 'string', repeated: true },
    name: { no: 3, kind: 'string' },
    opType: { no: 4, kind: 'string' },
    attribute: { no: 5, kind: 'AttributeProto', repeated: true },
    domain: { no: 7, kind: 'string' },
  },
  AttributeProto: {
    name: { no: 1, kind: 'string' },
    f: { no: 2, kind: 'float' },
    i: { no: 3, kind: 'int64' },
    s: { no: 4, kind: 'bytes' },
    ints: { no: 8, kind: 'int64', repeated: true },
    type: { no: 20, kind: 'int32' },
  },
  TensorProto: {
    dims: { no: 1, kind: 'int64', repeated: true },
    dataType: { no: 2, kind: 'int32' },
    name: { no: 8, kind: 'string' },
    rawData: { no: 9, kind: 'bytes' },
    externalData: { no: 13, kind: 'StringStringEntryProto', repeated: true },
    dataLocation: { no: 14, kind: 'int32' },
  },
  ValueInfoProto: { name: { no: 1, kind: 'string' }, type: { no: 2, kind: 'TypeProto' } },
  TypeProto: { tensorType: { no: 1, kind: 'TensorTypeProto' }, sequenceType: { no: 4, kind: 'SequenceTypeProto' } },
  TensorTypeProto: { elemType: { no: 1, kind: 'int32' }, shape: { no: 2, kind: 'TensorShapeProto' } },
  SequenceTypeProto: { elemType: { no: 1, kind: 'TypeProto' } },
  TensorShapeProto: { dim: { no: 1, kind: 'DimensionProto', repeated: true } },
  DimensionProto: { dimValue: { no: 1, kind: 'int64' }, dimParam: { no: 2, kind: 'string' } },
} as const

export type MessageName = keyof typeof messages

type Scalar<K> = K extends MessageName
  ? Message<K>
  : K extends 'string'
    ? string
    : K extends 'bytes'
      ? Uint8Array
      : number
type Member<F> = F extends { kind: infer K; repeated: true }
  ? readonly Scalar<K>[]
  : F extends { kind: infer K }
    ? Scalar<K>
    : never

/** A message as a plain object; absent fields are absent. */
export type Message<N extends MessageName> = {
  readonly [F in keyof (typeof messages)[N]]?: Member<(typeof messages)[N][F]>
}

/** The fields of a message, by name. */
export const fieldsOf = (name: MessageName): Readonly<Record<string, Field>> => messages[name]

/** TensorProto.DataLocation: the data lie outside the message. */
export const external = 1

/** AttributeProto.AttributeType. */
export const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const
