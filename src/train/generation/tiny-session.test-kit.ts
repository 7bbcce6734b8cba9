import { afterAll } from 'vitest'
import { graph } from '../../graph/graph.ts'
import { type Layer, trace } from '../../graph/scope.ts'
import { crossEntropy } from '../../nn/loss.ts'
import { sgd } from '../../optim/sgd.ts'
import { LocalEngine } from '../../runtime/node/local.ts'
import { evaluate } from '../../runtime/reference.ts'
import { tensor } from '../../tensor.ts'
import { Session } from '../session.ts'
import type { Example } from '../step.ts'
import { windowStart } from './window.ts'

const engines: LocalEngine[] = []
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

/** An engine in this thread; closed when the file's tests are done. */
export async function localEngine(): Promise<LocalEngine> {
  const engine = await LocalEngine.create(1, true)
  engines.push(engine)
  return engine
}

/** A session of a net that takes `source` tokens and then up to `context`, with the initial weights of `seed`. */
export async function sessionOf(net: Layer, context: number, source = 0, seed = 4): Promise<Session> {
  const ids = (time: number): Example => ({ dtype: 'int32', shape: [time] })
  const recipe = {
    ...{ net, inputs: ids(source + context), targets: ids(context) },
    ...{ loss: crossEntropy, optimizer: sgd({ learningRate: 0 }), metrics: {} },
  }
  const session = new Session(recipe, await localEngine(), seed)
  await session.initialize()
  return session
}

/** Logits of the token after `ids`, by a float64 forward pass over the window that the model then sees. */
export async function withoutCache(session: Session, ids: readonly number[], source?: Int32Array): Promise<number[]> {
  const { recipe, engine, traced } = session
  const [seen = 0] = recipe.inputs.shape
  const context = seen - (source?.length ?? 0)
  const window = ids.slice(windowStart(ids.length, context))
  // The target of an encoder's net keeps its full length: what comes later is not seen.
  const row = source ? [...source, ...window, ...new Array<number>(context - window.length).fill(0)] : window
  const { output } = trace(recipe.net, 'int32', [1, row.length], 'evaluate')
  const weights = await engine.read([...traced.parameters.keys()])
  const { data } = evaluate(graph({ output }), {
    ...weights,
    inputs: tensor(Int32Array.from(row), [1, row.length]),
  }).output!
  const vocabulary = output.shape[2]!
  return Array.from(data.subarray((window.length - 1) * vocabulary, window.length * vocabulary))
}
