import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { decode, encode } from './protobuf.ts'
import { fieldsOf, type Kind, type Message, type MessageName, messages } from './schema.ts'

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const ascii = (text: string): number[] => [...new TextEncoder().encode(text)]
const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]

// Bytes by hand from the protobuf encoding rules: tag = field number * 8 + wire type.
describe('wire bytes', () => {
  const cases: readonly [what: string, name: MessageName, message: object, wire: readonly number[]][] = [
    ['a varint of two bytes', 'ModelProto', { irVersion: 300 }, [0x08, 0xac, 0x02]],
    ['a negative int64', 'OperatorSetIdProto', { version: -1 }, [0x10, ...minusOne]],
    ['a negative int32', 'TensorProto', { dataType: -1 }, [0x10, ...minusOne]],
    [
      'an integer of 53 bits',
      'DimensionProto',
      { dimValue: 2 ** 53 - 1 },
      [0x08, ...Array<number>(7).fill(0xff), 0x0f],
    ],
    ['a string in UTF-8', 'DimensionProto', { dimParam: 'é' }, [0x12, 2, 0xc3, 0xa9]],
    ['a float', 'AttributeProto', { f: 1.5 }, [0x15, 0x00, 0x00, 0xc0, 0x3f]],
    ['raw bytes', 'TensorProto', { rawData: bytes(0, 255) }, [0x4a, 2, 0, 255]],
    ['a field number above 15', 'AttributeProto', { type: 7 }, [0xa0, 0x01, 7]],
    ['repeated strings', 'NodeProto', { input: ['a', '', 'b'] }, [0x0a, 1, 0x61, 0x0a, 0, 0x0a, 1, 0x62]],
    ['repeated integers, each with its tag', 'AttributeProto', { ints: [1, -1] }, [0x40, 1, 0x40, ...minusOne]],
    [
      'messages inside messages',
      'ModelProto',
      { graph: { name: 'g', node: [{ opType: 'Neg' }] } },
      [0x3a, 10, 0x0a, 5, 0x22, 3, ...ascii('Neg'), 0x12, 1, ...ascii('g')],
    ],
  ]

  test.each(cases)('%s', (_what, name, message, wire) => {
    expect([...encode(name, message)]).toEqual(wire)
    expect(decode(name, Uint8Array.from(wire))).toEqual(message)
  })

  test('packed integers, as other writers have them', () => {
    expect(decode('TensorProto', bytes(0x0a, 3, 2, 0xac, 0x02))).toEqual({ dims: [2, 300] })
  })

  test('unknown fields of every wire type are skipped', () => {
    const unknown = [
      [0x98, 0x06, 0x80, 0x01],
      [0x99, 0x06, ...Array<number>(8).fill(1)],
      [0x9a, 0x06, 2, 1, 1],
    ]
    const group = [0x9b, 0x06, 0x08, 1, 0x9c, 0x06]
    const wire = [...unknown.flat(), 0x08, 10, ...group, 0x9d, 0x06, 1, 1, 1, 1]
    expect(decode('ModelProto', Uint8Array.from(wire))).toEqual({ irVersion: 10 })
  })

  test('of a field given twice the last counts', () => {
    expect(decode('ModelProto', bytes(0x08, 9, 0x08, 10))).toEqual({ irVersion: 10 })
  })
})

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int64: fc.maxSafeInteger(),
  int32: fc.integer(),
  float: fc.float({ noNaN: true }),
  string: fc.string({ unit: 'grapheme' }),
  bytes: fc.uint8Array({ maxLength: 40 }),
}

/** Any message of the schema, `depth` levels deep at most. */
function arbitrary<N extends MessageName>(name: N, depth: number): fc.Arbitrary<Message<N>> {
  const one = (kind: Kind): fc.Arbitrary<unknown> => scalars[kind] ?? arbitrary(kind as MessageName, depth - 1)
  const fields = Object.entries(fieldsOf(name))
    .filter(([, { kind }]) => depth > 0 || !(kind in messages))
    .map(([field, { kind, repeated }]) => [
      field,
      repeated ? fc.array(one(kind), { minLength: 1, maxLength: 3 }) : one(kind),
    ])
  const record = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] })
  return record as unknown as fc.Arbitrary<Message<N>>
}

const models = arbitrary('ModelProto', 5)

describe('round trip', () => {
  test('decode gives back what encode was given', () => {
    fc.assert(
      fc.property(models, (model) => {
        expect(decode('ModelProto', encode('ModelProto', model))).toEqual({ ...model })
      }),
      { numRuns: 60 },
    )
  })

  test('equal messages give equal bytes, in whatever order their fields were set', () => {
    fc.assert(
      fc.property(models, (model) => {
        const reversed = Object.fromEntries(Object.entries(model).reverse())
        expect(encode('ModelProto', reversed)).toEqual(encode('ModelProto', model))
      }),
      { numRuns: 30 },
    )
  })

  test('raw data is a view of the file, not a copy', () => {
    const file = encode('TensorProto', { rawData: new Uint8Array(1000) })
    expect(decode('TensorProto', file).rawData?.buffer).toBe(file.buffer)
  })
})

describe('a hostile file', () => {
  const refused: readonly [what: string, wire: readonly number[], message: RegExp][] = [
    ['field number 0', [0x00, 0], /not a readable ModelProto/],
    ['wire type 7', [0x0f], /not a readable ModelProto/],
    ['a group that never ends', [0x9b, 0x06, 0x08, 1], /not a readable ModelProto/],
    ['an end without its group', [0x9c, 0x06], /not a readable ModelProto/],
    ['a known field of another wire type', [0x0d, 0, 0, 0, 0], /ModelProto.irVersion has wire type 5/],
    ['a message where the schema has a number', [0x0a, 1, 0], /ModelProto.irVersion has wire type 2/],
    ['a varint of eleven bytes', [0x08, ...Array<number>(10).fill(0x80), 0x01], /not a readable ModelProto/],
    ['an integer of 54 bits', [0x08, ...Array<number>(7).fill(0x80), 0x10], /integer 9007199254740992 is beyond 2\^53/],
    ['2 GB of bytes announced', [0x12, 0xff, 0xff, 0xff, 0xff, 0x07], /not a readable ModelProto/],
    ['4 GB of message announced', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], /GraphProto ends at byte \d+, the file at 6/],
    ['a negative length', [0x3a, ...minusOne], /GraphProto ends at byte \d+, the file at 11/],
    ['a message longer than the one around it', [0x3a, 2, 0x0a, 2, 0x1a, 0], /GraphProto runs 2 bytes over/],
    ['a string longer than the message around it', [0x3a, 2, 0x12, 1, 0x61], /GraphProto runs 1 bytes over/],
    [
      'packed integers that end inside one',
      [0x3a, 7, 0x2a, 5, 0x0a, 1, 0x80, 0x01, 0x10],
      /packed values run 1 bytes over their length/,
    ],
  ]

  test.each(refused)('%s is refused', (_what, wire, message) => {
    const decoding = (): unknown => decode('ModelProto', Uint8Array.from(wire))
    expect(decoding).toThrow(DataError)
    expect(decoding).toThrow(message)
  })

  test('types nested deeper than any model are refused', () => {
    let wire: number[] = []
    for (let level = 0; level < 12; level++) {
      wire = [0x0a, wire.length, ...wire] // SequenceTypeProto.elemType
      wire = [0x22, wire.length, ...wire] // TypeProto.sequenceType
    }
    expect(() => decode('TypeProto', Uint8Array.from(wire))).toThrow('onnx: messages are nested deeper than 16')
  })

  const valid = encode('ModelProto', {
    irVersion: 10,
    graph: {
      name: 'g',
      node: [{ opType: 'Softmax', input: ['x'], output: ['y'], attribute: [{ name: 'axis', i: -1, type: 2 }] }],
      initializer: [{ name: 'w', dims: [2], dataType: 1, rawData: new Uint8Array(8) }],
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'batch' }] } } } }],
    },
    opsetImport: [{ domain: '', version: 21 }],
    metadataProps: [{ key: 'wiring', value: '{}' }],
  })

  /** Decodes; anything but a message or a DataError fails the test. */
  function survives(wire: Uint8Array): 'read' | 'refused' {
    try {
      decode('ModelProto', wire)
      return 'read'
    } catch (error) {
      if (error instanceof DataError) return 'refused'
      throw error
    }
  }

  test('random bytes give a message or a DataError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (wire) => void survives(wire)),
      { numRuns: 3000 },
    )
  })

  test('a truncated model gives a message only where a field ends', () => {
    const outcomes = Array.from(valid, (_, length) => survives(valid.subarray(0, length)))
    const ends = [0, 2, valid.length - 20, valid.length - 14]
    expect(outcomes.flatMap((outcome, length) => (outcome === 'read' ? [length] : []))).toEqual(ends)
  })

  test('a model with flipped bits gives a message or a DataError', () => {
    for (let bit = 0; bit < valid.length * 8; bit++) {
      const wire = valid.slice()
      wire[bit >> 3] = wire[bit >> 3]! ^ (1 << (bit & 7))
      survives(wire)
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const wire = valid.slice()
          for (const [at, value] of changes) wire[at] = value
          survives(wire)
        },
      ),
      { numRuns: 2000 },
    )
  })

  const megabyte = 2 ** 20
  const repeated = (...pattern: readonly number[]): Uint8Array =>
    Uint8Array.from({ length: megabyte }, (_, i) => pattern[i % pattern.length]!)
  const large: readonly [what: string, wire: Uint8Array][] = [
    ['continuation bytes', repeated(0x80)],
    ['0xff', repeated(0xff)],
    ['opening groups', repeated(0x9b, 0x06)],
    ['empty messages', repeated(0x42, 0)],
    ['graphs inside graphs', repeated(0x3a, 0xff, 0xff, 0x3f)],
    ['lengths of 2 GB', repeated(0x12, 0xff, 0xff, 0xff, 0xff, 0x07)],
  ]

  test.each(large)('a megabyte of %s is dealt with at once, in little memory', (_what, wire) => {
    const before = process.memoryUsage().arrayBuffers
    const start = performance.now()
    survives(wire)
    expect(performance.now() - start).toBeLessThan(2000)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * megabyte)
  })
})
