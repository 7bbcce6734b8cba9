/** The arms of the article's experiment: residual connection yes or no, layer norm yes or no, one block or many. */
import { mlp } from '../models/mlp.ts'
import type { SpecifiedNet } from '../models/spec.ts'

export interface ArticleArm {
  /** Name of its run folder. */
  readonly name: string
  /** Residual blocks of two layers. */
  readonly depth: number
  readonly wiring: { readonly skip: 'none' | 'identity'; readonly norm: 'none' | 'layer'; readonly placement: 'pre' }
}

/** What all arms have in common. */
export const articleSettings = {
  width: 128,
  hidden: 128,
  activation: 'relu',
  optimizer: 'AdamW',
  learningRate: 1e-3,
  batchSize: 128,
  probeEvery: 100,
} as const

/**
 * Passes over the 60,000 images, the same for every arm: what fits eight arms into about two minutes of two cores,
 * and enough to see which arms train.
 */
export const articleEpochs = 3

/** The article draws one block; without many, nothing is to be seen of what it says. */
const depths = { shallow: 1, deep: 32 } as const

const wirings = {
  plain: { skip: 'none', norm: 'none', placement: 'pre' },
  norm: { skip: 'none', norm: 'layer', placement: 'pre' },
  residual: { skip: 'identity', norm: 'none', placement: 'pre' },
  'residual-norm': { skip: 'identity', norm: 'layer', placement: 'pre' },
} as const

/** The eight arms, shallow ones first. */
export const articleArms: readonly ArticleArm[] = Object.entries(depths).flatMap(([size, depth]) =>
  Object.entries(wirings).map(([name, wiring]) => ({ name: `${name}-${size}`, depth, wiring })),
)

/** What is on in an arm: `residual + norm`, `plain`. */
export function partsOf({ wiring }: ArticleArm): string {
  const parts = [...(wiring.skip === 'none' ? [] : ['residual']), ...(wiring.norm === 'none' ? [] : ['norm'])]
  return parts.join(' + ') || 'plain'
}

/** The network of an arm; its weights start the same in all arms of one depth and seed. */
export function articleNet({ depth, wiring }: ArticleArm): SpecifiedNet {
  const { width, hidden, activation } = articleSettings
  return mlp({ depth, width, hidden, activation, outputs: 10, wiring })
}
