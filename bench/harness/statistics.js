// Medians and percentiles.

/**
 * @param {number[]} values in any order
 * @param {number} share 0.99 for p99
 * @returns {number} the value that this share of the values does not exceed; NaN when there is none
 */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort()
  return sorted.length === 0 ? Number.NaN : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}

/**
 * @param {number[]} values in any order
 * @returns {number} the middle one, or the mean of the middle two; NaN when there is none
 */
export function median(values) {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >>> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
