import * as lab from 'residua/lab'

/** One training of a trial that does several. */
export interface RateRun {
  readonly learningRate: number
  /** On test data, nats; at most `loss_0`, the loss of the first batch, which stands for a training that diverged too. */
  readonly loss: number
  readonly result: lab.Trained
}

/** Trains an arm at every rate in one trial, so that a metric may be about all of them. */
export async function trainAtRates(
  { train }: Pick<lab.Trial, 'train'>,
  task: lab.Task,
  factors: object,
  rates: readonly number[],
  request: Omit<lab.TrainRequest, 'learningRate'>,
): Promise<readonly RateRun[]> {
  const runs: RateRun[] = []
  for (const learningRate of rates) {
    const result = await train(task, factors, { ...request, learningRate })
    runs.push({ learningRate, loss: Math.min(result.metrics.loss ?? Infinity, result.events[0]!.loss), result })
  }
  return runs
}

/** The training with the lowest loss. */
export const bestOf = (runs: readonly RateRun[]): RateRun => runs.toSorted((a, b) => a.loss - b.loss)[0]!

/**
 * How much the choice of the rate matters to one seed, over a grid of octaves: `sensitivity` is the mean of the losses
 * minus the best (Wortsman et al. 2023, arXiv:2309.14322), `usable octaves` the longest row of rates that leave the
 * plateau and come within 0.1 nats of the best, each standing for one octave.
 */
export function stability(runs: readonly RateRun[]): Record<'best loss' | 'sensitivity' | 'usable octaves', number> {
  const best = bestOf(runs).loss
  const range = lab.learningRateRange(
    runs.map(({ learningRate, loss, result: { state } }) => ({
      ...{ arm: 'trial', seed: 0, learningRate, metrics: {} },
      outcome: state === 'trained' && loss <= best + 0.1 ? 'trained' : 'plateaued',
    })),
  )
  return {
    'best loss': best,
    sensitivity: runs.reduce((sum, { loss }) => sum + loss, 0) / runs.length - best,
    'usable octaves': range === null ? 0 : Math.log2(range.factor) + 1,
  }
}
