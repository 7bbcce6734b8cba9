/**
 * E40: how often does the protocol find a difference where there is none?
 *
 * A trial trains one MLP on MNIST many times, with another seed each, at each of three rates, and then draws studies from
 * these runs whose arms are all that same net (`lab.falseAlarms`): measured is the share of studies in which a rule finds
 * something, at 10 seeds and at 3. The plain net is so deep that a part of its runs fails. The last statement is about the
 * article's own way, in which each net is trained once and the accuracies are compared.
 */
import { compile, nn, optim } from 'residua'
import * as lab from 'residua/lab'
import { above, below } from './kit/rules.ts'

const nets = {
  residual: { depth: 2, rates: [3e-3, 1e-3, 6e-3], wiring: { skip: 'identity', norm: 'layer' } },
  plain: { depth: 32, rates: [2e-3, 3e-3, 4e-3], wiring: { skip: 'none', norm: 'none' } },
}
const steps = 100
const task = lab.tasks.mnist({ width: 32, testSize: 2000 })
const value = { metric: 'accuracy', better: 'higher', smallest: 0.01 } as const

/** Kinds of rules, and of which nets they can be asked: a mean over all runs needs all to train, a frequency needs failures. */
const rules: Record<string, { readonly arms: readonly string[]; readonly zh: string }> = {
  difference: { arms: Object.keys(nets), zh: '差异' },
  order: { arms: Object.keys(nets), zh: '次序' },
  best: { arms: Object.keys(nets), zh: '最佳' },
  rate: { arms: Object.keys(nets), zh: '失败率' },
  threshold: { arms: ['residual'], zh: '界限' },
  frequency: { arms: ['plain'], zh: '频率' },
}

let opened: Promise<lab.TaskData> | undefined

type Net = (typeof nets)[keyof typeof nets]

/** One training with a seed of its own. */
async function run(
  net: Net,
  learningRate: number,
  seed: number,
  { threads, signal }: lab.Trial,
): Promise<lab.RunResult> {
  const data = await (opened ??= task.open(task.options))
  const layer = task.net({ ...task.options, depth: net.depth }, nn.resolveWiring(net.wiring), data)
  const problem = { train: data.train, loss: task.loss, metrics: task.metrics }
  const model = await compile(layer, { ...problem, optimizer: optim.adamW({ learningRate }), seed, threads })
  try {
    for await (const _ of model.train({ steps, batchSize: 64, runAhead: true, signal }));
    signal.throwIfAborted()
    const measured = await model.evaluate(data.test)
    const learned = measured.accuracy! > data.measures.accuracy!.chance + 0.05
    const outcome = !Number.isFinite(measured.loss) ? 'diverged' : learned ? 'trained' : 'plateaued'
    return { arm: 'net', seed, learningRate, outcome, metrics: measured }
  } finally {
    await model.close()
  }
}

export default lab.experiment({
  id: 'E40',
  file: import.meta.url,
  minutes: { full: 7, short: 0.3 },
  arms: { residual: {}, plain: {} },
  full: { seeds: 5, runs: 20, studies: 200, rates: 3 },
  short: { seeds: 3, runs: 6, studies: 30, rates: 1, arms: ['residual'] },
  async measure(_, trial) {
    const { runs, studies, rates: count } = trial.size
    const net = nets[trial.name as keyof typeof nets]
    const rates = net.rates.slice(0, count)
    const results: lab.RunResult[] = []
    for (const rate of rates)
      for (let i = 0; i < runs; i++) results.push(await run(net, rate, trial.seed * runs + i, trial))
    const metrics: Record<string, number> = {
      'share of runs that failed': results.filter(({ outcome }) => outcome !== 'trained').length / results.length,
    }
    for (const seeds of [3, 10])
      for (const [rule, share] of Object.entries<number | null>({
        ...lab.falseAlarms(results, { ...value, seeds, studies, seed: trial.seed }),
      }))
        if (share !== null) metrics[`false alarms of ${rule}, ${seeds} seeds`] = share
    const single = results.filter(({ learningRate, outcome }) => learningRate === rates[0] && outcome === 'trained')
    const gaps = single.flatMap((a, i) =>
      single.slice(i + 1).map((b) => Math.abs(a.metrics.accuracy! - b.metrics.accuracy!)),
    )
    const apart = gaps.filter((gap) => gap >= 0.01).length / Math.max(1, gaps.length)
    return { ...metrics, 'single runs that differ by a point': apart }
  },
  statements: {
    ...Object.fromEntries(
      Object.entries(rules).flatMap(([rule, { arms, zh }]) =>
        arms.map((arm): [string, lab.Statement] => [
          `${rule}, ${arm}`,
          {
            says: {
              en: `With 10 seeds rules of kind '${rule}' are wrong in less than 5% of studies of equal ${arm} nets.`,
              zh: `用 10 个种子研究相同的${arm === 'plain' ? '普通' : '残差'}网络时，${zh}规则出错的比例低于 5%。`,
            },
            rule: below(arm, `false alarms of ${rule}, 10 seeds`, 0.05),
            claims: { 60: 'informs' },
          },
        ]),
      ),
    ),
    'three seeds': {
      says: {
        en: "With 3 seeds, too, rules of kind 'difference' are wrong in less than 5% of studies of equal residual nets.",
        zh: '用 3 个种子研究相同的残差网络时，差异规则出错的比例同样低于 5%。',
      },
      rule: below('residual', 'false alarms of difference, 3 seeds', 0.05),
      claims: { 60: 'informs' },
    },
    'one run each': {
      says: {
        en: 'Of two trainings of one and the same net, one is a point more accurate than the other in more than 5% of cases: one run each shows nothing.',
        zh: '同一个网络训练两次，准确率相差一个百分点以上的情形超过 5%：各训练一次说明不了什么。',
      },
      rule: above('residual', 'single runs that differ by a point', 0.05),
      claims: { 60: 'refutes' },
    },
  },
})
