/** A finished study in a folder, its results made up: arms with a skip are better by a quarter. */
import { exactJson, type JsonObject } from '../../files/json.ts'
import { directoryStore } from './directory-store.ts'
import { cellsOf, type Plan, planJson } from './plan.ts'
import { readStudy } from './read-study.ts'
import { cellId } from './setting.ts'
import { summarise } from './summary.ts'

export const file: JsonObject = {
  question: 'Does a skip help?',
  task: { name: 'spiral', options: { depth: 2, width: 8 } },
  arms: { grid: { skip: ['none', 'identity', 'reZero'], placement: ['pre', 'b2t'] } },
  training: { warmupSteps: 1 },
  ...{ learningRates: [0.01, 0.001], seeds: 3, steps: 5, metric: 'accuracy' },
}

/** Writes plan, results and summary, and gives the plan. */
export async function writeStudy(folder: string): Promise<Plan> {
  const plan = await readStudy(file, 'study.json').plan()
  const store = directoryStore(folder)
  store.writePlan(planJson(plan))
  for (const setting of cellsOf(plan)) {
    const id = cellId(setting)
    const accuracy = (setting.wiring.skip === 'none' ? 0.5 : 0.75) + 0.01 * setting.seed
    const outcome = { state: 'trained', step: 5, trainLoss: 1, metrics: { loss: 1, accuracy } } as const
    const claim = store.claim(id)!
    claim.publish({ id, setting, outcome, versions: { residua: '0.1.0' } })
    claim.release()
  }
  store.write('summary.json', exactJson(JSON.parse(JSON.stringify(summarise(plan, store))), 'summary'))
  return plan
}
