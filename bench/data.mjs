/** Fixed pseudo-random numbers, uniform in [low, high), from a linear congruential generator (Numerical Recipes). */
export function uniform(/** @type {number} */ size, low = 0, high = 1, seed = 1) {
  const values = new Float32Array(size)
  let state = seed
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    values[i] = low + ((high - low) * state) / 2 ** 32
  }
  return values
}

/** Weights of a linear layer, uniform in +-1/sqrt(inputs), PyTorch's default. Shape [inputs, outputs]. */
export function linearWeights(/** @type {number} */ inputs, /** @type {number} */ outputs, seed = 1) {
  const bound = 1 / Math.sqrt(inputs)
  return uniform(inputs * outputs, -bound, bound, seed)
}

/** Class indices in [0, classes). */
export function labels(/** @type {number} */ count, /** @type {number} */ classes, seed = 7) {
  return Int32Array.from(uniform(count, 0, classes, seed), Math.floor)
}
