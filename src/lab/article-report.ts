import { type ArticleArm, articleSettings, partsOf } from './article-arms.ts'
import { gradientFigure, lossFigure } from './article-figures.ts'
import { findingOf, remarkOf } from './article-finding.ts'
import type { Outcome } from './article-outcome.ts'
import { type Block, numberText, percent, type Report, type Table } from './document.ts'
import { type ReportFiles, writeReport } from './report-files.ts'

const shown = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? '-' : numberText(value, digits)

/** The results, one row per arm: for the terminal and for the report. */
export function resultTable(outcomes: readonly Outcome[]): Table {
  const probed = (which: 'first' | 'last'): string =>
    [...new Set(outcomes.flatMap(({ gradientRatio }) => gradientRatio?.[which].step ?? []))].join('/')
  const head = ['arm', 'blocks', 'residual', 'norm', 'accuracy', 'test loss']
  const ratios = (['first', 'last'] as const).map((which) => `ratio @${probed(which)}`)
  return {
    caption:
      'Accuracy and loss on the test images; ratio = |dL/dx| at the input over |dL/dx| after the last block, at the step named',
    head: [...head, ...ratios, 'step ms', 'seconds', 'remark'],
    rows: outcomes.map((outcome) => [
      outcome.arm.name,
      String(outcome.arm.depth),
      outcome.arm.wiring.skip === 'none' ? 'no' : 'yes',
      outcome.arm.wiring.norm === 'none' ? 'no' : 'yes',
      percent(outcome.accuracy),
      shown(outcome.loss, 4),
      shown(outcome.gradientRatio?.first.value, 3),
      shown(outcome.gradientRatio?.last.value, 3),
      shown(outcome.stepMs, 3),
      outcome.seconds.toFixed(1),
      remarkOf(outcome),
    ]),
  }
}

const formulas: Readonly<Record<string, string>> = {
  plain: 'F(x)',
  norm: 'F(LN(x))',
  residual: 'x + F(x)',
  'residual + norm': 'x + F(LN(x))',
}

function wiringTable(arms: readonly ArticleArm[]): Table {
  const rows = new Map(arms.map((arm) => [partsOf(arm), JSON.stringify(arm.wiring)]))
  return {
    caption:
      'The arms as they were run; a block computes the formula, LN is layer norm, F two linear layers with ReLU between',
    head: ['arm', 'block', 'wiring'],
    rows: Array.from(rows, ([parts, wiring]) => [parts, formulas[parts] ?? '', wiring]),
  }
}

const distinct = (values: readonly (string | number)[]): string => [...new Set(values)].join('; ')

function settingsTable(outcomes: readonly Outcome[]): Table {
  const { width, hidden, activation, optimizer, learningRate, batchSize } = articleSettings
  const [{ test }] = outcomes as readonly [Outcome]
  const versions = outcomes.map(({ versions: found }) =>
    Object.entries(found)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  )
  const seconds = outcomes.reduce((total, outcome) => total + outcome.seconds, 0)
  return {
    caption: 'Settings, the same for every arm',
    head: ['what', 'value'],
    rows: [
      ['data', `MNIST, all training images; tested on ${test.size} test images`],
      ['network', `784 to ${width}, blocks of hidden width ${hidden} (${activation}), ${width} to 10`],
      ['optimizer', `${optimizer}, learning rate ${learningRate}, batch size ${batchSize}`],
      ['epochs', distinct(outcomes.map(({ epochs }) => epochs))],
      ['steps', distinct(outcomes.map(({ step }) => step))],
      ['seed', `${distinct(outcomes.map(({ seed }) => seed))}: same batches, same initial weights of the branches`],
      ['parameters', distinct(outcomes.map(({ parameters }) => parameters))],
      ['versions', distinct(versions)],
      ['machine', distinct(outcomes.map(({ machine }) => machine))],
      ['time of all arms', `${seconds.toFixed(0)} s`],
    ],
  }
}

/** What is wrong with the flowchart of the article, section 2.3. */
const flowchart = [
  'Who answers "no" to the residual connection is led to a box that nothing leaves: on that path the data reach neither a layer nor an output.',
  'Who answers "yes" has the paths joined before the only layer of the chart, so nothing goes around that layer. A residual connection has to leave before the branch and to be added to what the branch gives, after it: x + F(x).',
  'Norm is asked about only behind "yes", so that norm without a residual connection, an arm of its own here, cannot be chosen at all.',
]

/** The report of the experiment. */
function reportOf(outcomes: readonly Outcome[], command: string): Report {
  const { lead, claims, caveat } = findingOf(outcomes)
  const depth = Math.max(...outcomes.map(({ arm }) => arm.depth))
  const blocks: Block[] = [
    { type: 'text', text: caveat },
    { type: 'heading', text: 'Results' },
    { type: 'table', table: resultTable(outcomes) },
    { type: 'heading', text: "What the numbers say of the article's statements" },
    { type: 'list', items: claims },
    { type: 'heading', text: 'Training' },
    { type: 'figure', figure: lossFigure(outcomes) },
    { type: 'heading', text: 'Gradients' },
    { type: 'figure', figure: gradientFigure(outcomes.filter(({ arm }) => arm.depth === depth)) },
    { type: 'heading', text: 'What was run' },
    { type: 'table', table: settingsTable(outcomes) },
    { type: 'text', text: 'To run it again:' },
    { type: 'code', text: command },
    { type: 'heading', text: 'What the flowchart gets wrong' },
    { type: 'list', items: flowchart },
    { type: 'table', table: wiringTable(outcomes.map(({ arm }) => arm)) },
  ]
  return { title: 'Residual connections and layer norm on MNIST, shallow and deep', lead, blocks }
}

/**
 * Writes `report.html`, `report.md` and `figures/*.svg` into a folder; `command` is how to run it all again.
 *
 * Throws DataError where they cannot be written.
 */
export function writeArticleReport(folder: string, outcomes: readonly Outcome[], command: string): ReportFiles {
  return writeReport(folder, 'report', reportOf(outcomes, command), 'en')
}
