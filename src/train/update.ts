import { type Batch, batches, type BatchOptions } from '../data/batch.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Tensors } from '../runtime/engine.ts'
import { batchFeeds, type Results, scalarFeeds, scalarOf } from './measure.ts'
import type { Session } from './session.ts'

/** Whether the loss, and the gradient norm where the optimizer clips, are finite. */
export const isSound = ({ loss, gradientNorm }: Results): boolean =>
  Number.isFinite(scalarOf(loss)) && (gradientNorm === undefined || Number.isFinite(scalarOf(gradientNorm)))

/**
 * Runs one update from its batches and returns loss, metrics and whatever else the program gives. Where loss or gradient
 * norm is not finite, everything the session holds is as it was before.
 */
export async function update(
  session: Session,
  taken: readonly Batch[],
  kind: 'train' | 'probe',
  scalars: Tensors,
  draw: number,
): Promise<Results> {
  const { engine, programs } = session
  const [first] = taken
  if (taken.length > 1 || first === undefined) return updateFromSums(session, taken, scalars, draw)
  const results = await programs.run(kind, first.size, { ...batchFeeds(session, first), ...scalars }, draw)
  if (!isSound(results)) await engine.rollback()
  return results
}

/** The same in halves: gradients of each batch summed, each by its share of the rows, then the update. */
async function updateFromSums(
  session: Session,
  taken: readonly Batch[],
  scalars: Tensors,
  draw: number,
): Promise<Results> {
  const { engine, programs, traced } = session
  await session.prepareSums()
  const statistics = await engine.read([...traced.states.keys()])
  const rows = taken.reduce((total, batch) => total + batch.size, 0)
  const means: Record<string, number> = {}
  for (const [i, batch] of taken.entries()) {
    const share = batch.size / rows
    const feeds = { ...batchFeeds(session, batch), ...scalarFeeds({ share, keep: i === 0 ? 0 : 1 }) }
    const results = await programs.run('gradients', batch.size, feeds, draw + i)
    for (const [name, value] of Object.entries(results)) means[name] = (means[name] ?? 0) + share * scalarOf(value)
    if (!isSound(scalarFeeds(means))) {
      await engine.write(statistics)
      return scalarFeeds(means)
    }
  }
  const results = { ...scalarFeeds(means), ...(await programs.run('update', taken[0]?.size ?? 1, scalars)) }
  if (!isSound(results)) {
    await engine.rollback()
    await engine.write(statistics)
  }
  return results
}

/** Names the first tensor that is not finite, at the weights before the failed update, on the same batches. */
export async function diagnose(
  session: Session,
  train: Dataset,
  taken: readonly Batch[],
  options: Omit<BatchOptions, 'from' | 'seed'>,
): Promise<string | null> {
  const { epoch = 0, index = 0 } = taken[0] ?? {}
  const source = batches(train, { ...options, seed: session.seed, from: { epoch, index } })
  for (const [i] of taken.entries()) {
    const { value: batch } = source.next()
    const draw = session.position.draws + i
    const results = await session.programs.run('diagnose', batch.size, batchFeeds(session, batch), draw)
    const bad = Object.entries(results).find(([, value]) => !Number.isFinite(scalarOf(value)))
    if (bad) return bad[0]
  }
  return null
}
