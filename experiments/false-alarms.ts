/**
 * E40: how often does the protocol find a difference where there is none?
 *
 * A trial trains one MLP on a spiral 1,200 times at each of three rates, each time from other initial values and on other
 * three quarters of the points in another order, and deals the runs out to studies whose arms are all that net
 * (`lab.falseAlarms`): 120 studies of one arm, 60 of two and 40 of three at 10 seeds, more at 3. No run is in two studies of
 * a rule, so that the share of those in which it finds something has an exact interval. The plain net is so deep that a part
 * of its runs fails. The last statement is about the article's own way: each net is trained once, and accuracies compared.
 */
import { data } from 'residua'
import * as lab from 'residua/lab'
import { accuraciesSideBySide, dataSideBySide, netsSideBySide } from './kit/side-by-side.ts'

const nets = {
  residual: { depth: 2, width: 16, skip: 'identity' },
  plain: { depth: 12, width: 8, skip: 'none' },
} as const
const learningRates = [5e-3, 1e-2, 2e-2]
const classes = 3
const points = data.spiral({ classes, points: 2700 })
const test = data.spiral({ classes, points: 100, seed: 1 })
const [steps, batchSize] = [180, 32] // less than an epoch
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

/** Of two trainings at one rate, in disjoint pairs of runs that trained: how many are a point apart. */
function pairsApart(runs: readonly lab.RunResult[]): readonly [apart: number, pairs: number] {
  const values = runs.filter(({ outcome }) => outcome === 'trained').map(({ metrics }) => metrics.accuracy!)
  const gaps = values.flatMap((a, i) => (i % 2 === 1 ? [Math.abs(a - values[i - 1]!)] : []))
  return [gaps.filter((gap) => gap >= value.smallest).length, gaps.length]
}

const share = (arm: string, count: string, of: string, is: 'above' | 'below'): lab.Rule => ({
  ...{ kind: 'share', arm, count, of, is, bound: 0.05 },
})
const alarms = (rule: string, seeds: number): readonly [string, string] => [
  `false alarms of ${rule} at ${seeds} seeds`,
  `studies of ${rule} at ${seeds} seeds`,
]
const pairs = ['pairs of single runs a point apart', 'pairs of single runs'] as const

export default lab.experiment({
  id: 'E40',
  file: import.meta.url,
  minutes: { full: 7, short: 0.5 },
  arms: { residual: {}, plain: {} },
  full: { seeds: 10, runs: 1200 },
  short: { seeds: 3, runs: 720, arms: ['residual'] },
  async measure(_, trial) {
    const { runs: count } = trial.size
    const net = netsSideBySide({ ...nets[trial.name as keyof typeof nets], outputs: classes })
    const seeds = Array.from({ length: count }, (_, i) => trial.seed * count + i)
    const train = dataSideBySide(seeds.map((seed) => data.split(points, 0.75, seed)[0]))
    const runs: lab.RunResult[] = []
    for (const learningRate of learningRates) {
      const request = { train, learningRate, steps, batchSize }
      const accuracies = await accuraciesSideBySide(net, trial, request, test)
      accuracies.forEach((accuracy, i) => {
        const outcome = accuracy > 1 / classes + 0.05 ? 'trained' : 'plateaued'
        runs.push({ arm: 'net', seed: seeds[i]!, learningRate, outcome, metrics: { accuracy } })
      })
    }
    const failed = runs.filter(({ outcome }) => outcome !== 'trained').length
    const metrics: Record<string, number> = { 'share of runs that failed': failed / runs.length }
    for (const seeds of [3, 10]) {
      const counts = Object.entries<lab.FalseAlarms['threshold']>({ ...lab.falseAlarms(runs, { ...value, seeds }) })
      for (const [rule, counted] of counts) {
        const [found, studies] = alarms(rule, seeds)
        if (counted !== null) Object.assign(metrics, { [found]: counted.alarms, [studies]: counted.studies })
      }
    }
    const [apart, all] = pairsApart(runs.filter(({ learningRate }) => learningRate === learningRates[0]))
    return { ...metrics, [pairs[0]]: apart, [pairs[1]]: all }
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
            rule: share(arm, ...alarms(rule, 10), 'below'),
          },
        ]),
      ),
    ),
    'three seeds': {
      says: {
        en: "With 3 seeds, too, rules of kind 'difference' are wrong in less than 5% of studies of equal residual nets.",
        zh: '用 3 个种子研究相同的残差网络时，差异规则出错的比例同样低于 5%。',
      },
      rule: share('residual', ...alarms('difference', 3), 'below'),
    },
    'one run each': {
      says: {
        en: 'Of two trainings of one and the same small net (a spiral, 300 test points), one is a point more accurate than the other in more than 5% of cases: a lead of one point in one run each shows nothing.',
        zh: '同一个小网络训练两次（螺旋数据，300 个测试点），准确率相差一个百分点以上的情形超过 5%：各训练一次时，领先一个百分点说明不了什么。',
      },
      rule: share('residual', ...pairs, 'above'),
      claims: { 60: 'informs' },
    },
  },
})
