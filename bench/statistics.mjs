/** The middle value; the mean of the two middle ones where the count is even. */
export function median(/** @type {number[]} */ values) {
  if (values.length === 0) throw new Error('median: expected at least one value, got none')
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/**
 * Milliseconds of wall time, and of processor time, which other processes disturb less. @template T @param {() => T} work
 */
export function timed(work) {
  const [began, used] = [performance.now(), process.cpuUsage()]
  const result = work()
  const { user, system } = process.cpuUsage(used)
  return { result, wall: performance.now() - began, cpu: (user + system) / 1000 }
}
