import { column } from '../dist/data/column.js'
import { compile, models, nn, optim } from '../dist/index.js'

/** The smallest GPT-2. Source: Radford et al. 2019. */
export const gpt2Shape = { layers: 12, heads: 12, width: 768, vocabulary: 50257, context: 1024 }

/**
 * A net of that shape with random weights, the same in every process: the layers' own initial values, since with GPT-2's
 * a net that nobody has trained repeats one token. `window` is how many tokens `predict` takes.
 *
 * @param {{ window: number, threads: number }} options
 */
export function gpt2({ window, threads }) {
  const net = models.gpt({ ...gpt2Shape, tied: true, activation: 'geluTanh' })
  const tokens = () => column(new Int32Array(window), [window])
  const train = { name: 'no text', size: 1, inputs: tokens(), targets: tokens() }
  return compile(net, { train, loss: nn.crossEntropy, optimizer: optim.sgd({ learningRate: 0 }), threads, seed: 1 })
}

/** Times a generation token by token and throws where a token is not the expected one. */
export class TokenClock {
  #ms = []
  #expected
  #last = performance.now()

  constructor(/** @type {number[]} */ expected) {
    this.#expected = expected
  }

  see(/** @type {number} */ token) {
    const now = performance.now()
    const at = this.#ms.push(now - this.#last) - 1
    this.#last = now
    if (token !== this.#expected[at])
      throw new Error(
        `new token ${at}: expected ${this.#expected[at]}, got ${token}; the peers must write the same text`,
      )
  }

  /** What a peer answers to `run`. Throws where there are not so many tokens. */
  result(/** @type {number} */ count) {
    if (this.#ms.length !== count) throw new Error(`expected ${count} tokens, got ${this.#ms.length}`)
    return { ms: this.#ms, loss: 0 }
  }
}
