/** The middle value; the mean of the two middle ones where the count is even. */
export function median(/** @type {number[]} */ values) {
  if (values.length === 0) throw new Error('median: expected at least one value, got none')
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
