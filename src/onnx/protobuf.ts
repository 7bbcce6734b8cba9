import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { DataError, messageOf } from '../errors.ts'
import { fieldsOf, type Kind, type Message, type MessageName, messages } from './schema.ts'

const isMessage = (kind: Kind): kind is MessageName => kind in messages

function writeOne(writer: BinaryWriter, no: number, kind: Kind, value: unknown): void {
  if (isMessage(kind)) {
    writer.tag(no, WireType.LengthDelimited).fork()
    writeFields(writer, kind, value as Readonly<Record<string, unknown>>)
    writer.join()
  } else if (kind === 'string') writer.tag(no, WireType.LengthDelimited).string(value as string)
  else if (kind === 'bytes') writer.tag(no, WireType.LengthDelimited).bytes(value as Uint8Array<ArrayBuffer>)
  else if (kind === 'float') writer.tag(no, WireType.Bit32).float(value as number)
  else if (kind === 'int32') writer.tag(no, WireType.Varint).int32(value as number)
  else writer.tag(no, WireType.Varint).int64(value as number)
}

function writeFields(writer: BinaryWriter, name: MessageName, message: Readonly<Record<string, unknown>>): void {
  for (const [field, { no, kind, repeated }] of Object.entries(fieldsOf(name))) {
    const value = message[field]
    if (value === undefined) continue
    if (!repeated) writeOne(writer, no, kind, value)
    else for (const one of value as readonly unknown[]) writeOne(writer, no, kind, one)
  }
}

/** Serializes a message; fields are written in schema order, so equal messages give equal bytes. */
export function encode<N extends MessageName>(name: N, message: Message<N>): Uint8Array {
  const writer = new BinaryWriter()
  writeFields(writer, name, message)
  return writer.finish()
}

const wireTypes: Readonly<Record<string, WireType>> = {
  int64: WireType.Varint,
  int32: WireType.Varint,
  float: WireType.Bit32,
}

function readInteger(reader: BinaryReader): number {
  const value = Number(reader.int64())
  if (!Number.isSafeInteger(value)) throw new DataError(`onnx: integer ${value} is beyond 2^53`)
  return value
}

function readOne(reader: BinaryReader, kind: Kind, depth: number): unknown {
  if (isMessage(kind)) {
    const length = reader.uint32()
    return readFields(reader, kind, reader.pos + length, depth + 1)
  }
  if (kind === 'string') return reader.string()
  if (kind === 'bytes') return reader.bytes()
  return kind === 'float' ? reader.float() : readInteger(reader)
}

const byNumber = new Map(
  (Object.keys(messages) as MessageName[]).map((name) => [
    name,
    new Map(Object.entries(fieldsOf(name)).map(([field, spec]) => [spec.no, { field, ...spec }])),
  ]),
)

function readPacked(reader: BinaryReader, kind: Kind, values: unknown[]): void {
  const end = reader.uint32() + reader.pos
  while (reader.pos < end) values.push(readOne(reader, kind, 0))
  if (reader.pos !== end) throw new DataError(`onnx: packed values run ${reader.pos - end} bytes over their length`)
}

function readFields(reader: BinaryReader, name: MessageName, end: number, depth: number): Record<string, unknown> {
  if (depth > 16) throw new DataError('onnx: messages are nested deeper than 16')
  if (end > reader.len) throw new DataError(`onnx: ${name} ends at byte ${end}, the file at ${reader.len}`)
  const message: Record<string, unknown> = {}
  while (reader.pos < end) {
    const [no, wire] = reader.tag()
    const spec = byNumber.get(name)?.get(no)
    if (spec === undefined) {
      reader.skip(wire, no)
      continue
    }
    const expected = wireTypes[spec.kind] ?? WireType.LengthDelimited
    const packed = spec.repeated && wire === WireType.LengthDelimited && expected !== WireType.LengthDelimited
    if (wire !== expected && !packed) throw new DataError(`onnx: ${name}.${spec.field} has wire type ${wire}`)
    const values = spec.repeated ? ((message[spec.field] ??= []) as unknown[]) : []
    if (packed) readPacked(reader, spec.kind, values)
    else values.push(readOne(reader, spec.kind, depth))
    if (!spec.repeated) message[spec.field] = values[0]
  }
  if (reader.pos !== end) throw new DataError(`onnx: ${name} runs ${reader.pos - end} bytes over its length`)
  return message
}

/** Parses a message of an untrusted file. Throws DataError; never allocates more than the bytes it was given. */
export function decode<N extends MessageName>(name: N, bytes: Uint8Array): Message<N> {
  try {
    return readFields(new BinaryReader(bytes), name, bytes.length, 0) as Message<N>
  } catch (error) {
    if (error instanceof DataError) throw error
    throw new DataError(`onnx: not a readable ${name}: ${messageOf(error)}`)
  }
}
