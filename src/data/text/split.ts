import { DataError, OptionError } from '../../errors.ts'
import { permutation, random } from '../../random.ts'
import type { TextSource } from './source.ts'

export type Part = 'train' | 'validation'

export interface SplitOptions {
  /** Share of the documents that training does not see, at least 0 and below 1; default 0.1. */
  readonly validation?: number
  /** Seed of the draw of those documents; default 0. */
  readonly seed?: number
}

/** A document, or the piece of an only document, that belongs to one part. */
export interface Piece {
  readonly part: Part
  readonly text: string
}

/** The documents of a source that hold text. */
export function* documentsOf(source: TextSource): Generator<string> {
  for (const text of source.documents()) if (text !== '') yield text
}

/** Throws OptionError unless `validation` is a share and `seed` a seed. */
export function checkSplit({ validation, seed }: Required<SplitOptions>): void {
  if (!(validation >= 0 && validation < 1)) {
    throw new OptionError(`text: expected validation to be a share, >= 0 and < 1, got ${validation}`)
  }
  random(seed, 'data.text')
}

/**
 * The documents of a source in its order, each with the part it belongs to.
 *
 * round(validation * count) documents, at least one of them on either side, are drawn for validation; the draw depends
 * on (seed, count) alone. Of an only document the last characters, a share of `validation`, are for validation.
 * Throws DataError where the source gives other documents than the `count` that were counted before.
 */
export function* splitDocuments(
  source: TextSource,
  count: number,
  { validation, seed }: Required<SplitOptions>,
): Generator<Piece> {
  const isHeldOut = heldOut(count, validation, seed)
  let index = 0
  for (const text of documentsOf(source)) {
    if (index === count) throw changed(source)
    if (count > 1 || validation === 0) yield { part: isHeldOut[index] ? 'validation' : 'train', text }
    else {
      const end = boundary(text, Math.round((1 - validation) * text.length))
      yield { part: 'train', text: text.slice(0, end) }
      yield { part: 'validation', text: text.slice(end) }
    }
    index++
  }
  if (index < count) throw changed(source)
}

const changed = ({ name }: TextSource): DataError =>
  new DataError(
    `${name}: expected the same documents at every reading, got another number; leave it unchanged meanwhile`,
  )

/** A 1 for each document that is for validation. */
function heldOut(count: number, validation: number, seed: number): Uint8Array {
  const flags = new Uint8Array(count)
  if (validation === 0 || count < 2) return flags
  const held = Math.min(count - 1, Math.max(1, Math.round(validation * count)))
  for (const index of permutation(count, random(seed, 'data.text.split')).subarray(0, held)) flags[index] = 1
  return flags
}

/** `at`, or one less where the text has a surrogate pair there. */
export function boundary(text: string, at: number): number {
  const isPair = /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1))
  return isPair ? at - 1 : at
}
