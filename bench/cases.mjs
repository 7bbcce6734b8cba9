/**
 * @typedef {object} Case
 * @property {string} title  one line for the report
 * @property {number} steps  training steps that one round times
 * @property {Record<string, number | number[]>} shape  sizes and settings, the same for every peer
 */

/** What is timed: one whole training step (forward, backward, update), its loss read back to the host. @type {Record<string, Case>} */
export const cases = {
  mlp: {
    title: 'MLP 784-256-128-10, relu, batch 128, softmax cross-entropy, SGD',
    steps: 50,
    shape: { inputs: 784, hidden: [256, 128], classes: 10, batch: 128, learningRate: 0.01 },
  },
  'residual-mlp': {
    title: 'Pre-norm residual MLP 784-128, 24 blocks x + W2 relu(W1 LN(x)), head 10, batch 128, SGD',
    steps: 20,
    shape: { inputs: 784, width: 128, blocks: 24, classes: 10, batch: 128, learningRate: 0.001 },
  },
  resnet20: {
    title: 'ResNet-20 v2, 28x28x1, 16-32-64 channels, batch norm, batch 64, SGD with momentum',
    steps: 3,
    shape: {
      depth: 20,
      channels: 16,
      side: 28,
      inputs: 784,
      classes: 10,
      batch: 64,
      parameters: 271_994,
      learningRate: 0.05,
      momentum: 0.9,
    },
  },
  gpt: {
    title: 'GPT step, 6 layers, 6 heads, width 384, context 256, batch 8, vocabulary 65, float32, AdamW',
    steps: 2,
    shape: {
      layers: 6,
      heads: 6,
      width: 384,
      context: 256,
      batch: 8,
      vocabulary: 65,
      parameters: 10_795_776,
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
    },
  },
}
