import type { Model } from 'residua'

const warmUp = 3

/**
 * Milliseconds of a training step of every model, one list per model: in every round each does one step, so that a machine
 * that slows down slows all. The first 3 rounds are not counted.
 */
export async function stepTimes(
  models: readonly Model[],
  { rounds, batchSize, signal }: { readonly rounds: number; readonly batchSize: number; readonly signal: AbortSignal },
): Promise<number[][]> {
  const steps = models.map((model) => model.train({ steps: rounds + warmUp, batchSize, signal }))
  const times = models.map((): number[] => [])
  for (let round = 0; round < rounds + warmUp; round++)
    for (const [i, training] of steps.entries())
      for (let event = await training.next(); !event.done; event = await training.next()) {
        if (event.value.type !== 'step') continue
        if (round >= warmUp) times[i]!.push(event.value.stepMs)
        break
      }
  return times
}

/** The upper one of an even number. */
export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
