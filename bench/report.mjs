import { execFileSync } from 'node:child_process'
import { cpus, totalmem, loadavg } from 'node:os'
import { median } from './statistics.mjs'

/** What the figures depend on: processor, cores, memory, load, Node, commit. */
export function machine() {
  const [{ model }] = cpus()
  return {
    cpu: model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0],
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    commit: commit(),
    date: new Date().toISOString(),
  }
}

function commit() {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') ? ' with changes' : '')
  } catch {
    return 'unknown'
  }
}

/**
 * Median, minimum and maximum over the rounds, and the ratio to the baseline: the median of the ratios within each
 * round, so that a machine that slows down for a while slows both.
 *
 * @param {import('./harness.mjs').Result[]} results @param {string} baseline
 */
export function summarise(results, baseline) {
  const base = results.find(({ peer }) => peer === baseline)
  if (!base)
    throw new Error(
      `report: expected the baseline "${baseline}" among the peers measured, got ${results.map(({ peer }) => peer)}`,
    )
  return results.map(({ ms, ...result }) => ({
    ...result,
    medianMs: median(ms),
    minMs: Math.min(...ms),
    maxMs: Math.max(...ms),
    ratio: median(ms.map((value, round) => value / base.ms[round])),
    ms,
  }))
}

/** The summary as a Markdown table, in milliseconds per training step; of text also in tokens per second. */
export function markdown(
  /** @type {ReturnType<typeof summarise>} */ rows,
  /** @type {string} */ baseline,
  tokensPerStep = 0,
) {
  const figure = (/** @type {number} */ ms) => ms.toPrecision(4)
  const cells = rows.map((row) => [
    row.peer,
    figure(row.medianMs),
    figure(row.minMs),
    figure(row.maxMs),
    `${row.ratio.toFixed(2)}x`,
    ...(tokensPerStep > 0 ? [((1000 * tokensPerStep) / row.medianMs).toFixed(0)] : []),
    row.peakMiB ?? '-',
    row.version,
    row.note,
  ])
  const head = [
    ...['peer', 'median ms', 'min', 'max', `time / ${baseline}`],
    ...(tokensPerStep > 0 ? ['tokens/s'] : []),
    ...['peak MiB', 'version', 'note'],
  ]
  const rule = head.map((_, i) => (i === 0 || i >= head.length - 2 ? '---' : '--:'))
  const line = (/** @type {string[]} */ row) => `| ${row.join(' | ')} |`
  return [line(head), line(rule), ...cells.map(line)].join('\n')
}
