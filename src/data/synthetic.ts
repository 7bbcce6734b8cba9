import { OptionError } from '../errors.ts'
import { random } from '../random.ts'
import { arrays } from './arrays.ts'
import type { Dataset } from './dataset.ts'

export interface PointsOptions {
  /** Default 3. */
  readonly classes?: number
  /** Points per class; default 100. */
  readonly points?: number
  /** Standard deviation of the noise. */
  readonly noise?: number
  /** Default 0; the same options give the same points. */
  readonly seed?: number
}

/**
 * Arms of a spiral around the origin, one per class: r (sin t, cos t) with r in (0, 1] and
 * t = 2 pi class / classes + 4 r + noise * N(0, 1); `noise` is in radians, default 0.2.
 *
 * Shapes: inputs `[classes * points, 2]` float32, targets int32. The classes take turns, example i has class i mod classes.
 *
 * Source: Karpathy, CS231n notes, "Putting it together: Minimal Neural Network Case Study", for any number of classes.
 */
export function spiral({ classes = 3, points = 100, noise = 0.2, seed = 0 }: PointsOptions = {}): Dataset {
  checkOptions('spiral', { classes, points, noise })
  const source = random(seed, 'data.spiral')
  return labelled('spiral', classes, points, (label, index) => {
    const radius = (index + 1) / points
    const angle = (2 * Math.PI * label) / classes + 4 * radius + noise * source.normal()
    return [radius * Math.sin(angle), radius * Math.cos(angle)]
  })
}

/**
 * Gaussian clusters, one per class: centre + noise * N(0, 1), the centres uniform in [-10, 10); `noise` defaults to 1
 * and `features` to 2.
 *
 * Shapes: inputs `[classes * points, features]` float32, targets int32. Example i has class i mod classes.
 */
export function blobs(options: PointsOptions & { readonly features?: number } = {}): Dataset {
  const { classes = 3, points = 100, features = 2, noise = 1, seed = 0 } = options
  checkOptions('blobs', { classes, points, features, noise })
  const source = random(seed, 'data.blobs')
  const axes = Array.from({ length: features }, (_, axis) => axis)
  const centres = Array.from({ length: classes }, () => axes.map(() => 20 * source.uniform() - 10))
  return labelled('blobs', classes, points, (label) =>
    axes.map((axis) => centres[label]![axis]! + noise * source.normal()),
  )
}

function labelled(
  name: string,
  classes: number,
  points: number,
  point: (label: number, index: number) => number[],
): Dataset {
  const targets = Int32Array.from({ length: classes * points }, (_, i) => i % classes)
  const inputs = Array.from(targets, (label, i) => point(label, Math.floor(i / classes)))
  return arrays({ name, inputs, targets, classes })
}

function checkOptions(where: string, { noise, ...counts }: { noise: number; [count: string]: number }): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isSafeInteger(value) && value >= 1) continue
    throw new OptionError(`${where}: ${name}: expected a whole number >= 1, got ${value}`)
  }
  if (!(noise >= 0 && noise < Infinity)) throw new OptionError(`${where}: noise: expected a number >= 0, got ${noise}`)
}
