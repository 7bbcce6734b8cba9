/**
 * E37: do newer skips beat pre-norm with an identity skip: x0 residual (learned scalars), value residual, U-Net skip,
 * dense weights (DenseFormer), attention over depth?
 *
 * GPTs of 12 blocks, width 48, on the characters of Moby Dick (LM-S: 300 steps, batches of 8 windows of 64, AdamW with
 * beta2 0.95, linear decay, no warm-up), all pre-norm. One trial trains its arm at four rates; judged is the lowest test
 * loss, in pairs by seed. Of that net `weight of earlier values` is, block by block and as a mean, the share of what the
 * skip adds from further back among the absolute weights it learned: |z| / (|r| + |z|) of x0, |first| / (|own| + |first|)
 * of the first values, |s| / (1 + |s|) of the mirror block, and of DenseFormer all but the last of its weights, which
 * start at 0. Attention over depth weighs by what it reads and has no such number. 7 arms, 4 rates, 5 seeds at about 22 s.
 */
import type { Model } from 'residua'
import * as lab from 'residua/lab'
import { bestOf, trainAtRates } from './kit/learning-rates.ts'
import { above, lower } from './kit/rules.ts'

const task = lab.tasks.characters({ depth: 12, width: 48 })
const earlier = 'weight of earlier values'
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** By number of the block. */
function weightsOfEarlierValues(weights: Awaited<ReturnType<Model['weights']>>): Record<string, number> {
  const magnitudes = (path: string): number[] => Array.from(weights[path]!.data as Float32Array, Math.abs)
  const shares: Record<string, number> = {}
  for (const path of Object.keys(weights)) {
    const [, block, skip, name] = /^blocks\.(\d+)\.(.*\.skip)\.(z|first|s|alpha)$/.exec(path) ?? []
    if (block === undefined) continue
    const newest = { z: ['r'], first: ['own'] }[name!]?.flatMap((own) => magnitudes(`blocks.${block}.${skip}.${own}`))
    const all = [...magnitudes(path), ...(newest ?? (name === 's' ? [1] : []))]
    shares[block] = sum(all.slice(0, -1)) / sum(all)
  }
  return shares
}

const ahead = (arm: string): lab.Rule => lower(arm, 'Pre', 'loss', 0.02)
const beats = (en: string, zh: string): lab.Statement['says'] => ({
  en: `${en} is ahead of pre-norm with an identity skip by 0.02 nats.`,
  zh: `${zh}领先带恒等捷径的 pre-norm 至少 0.02 nat。`,
})

export default lab.experiment({
  id: 'E37',
  file: import.meta.url,
  minutes: { full: 28, short: 0.5 },
  arms: {
    Pre: { skip: 'identity' },
    'x0 residual': { skip: 'learnedScalars' },
    'value residual': { skip: 'valueResidual' },
    'learned value residual': { skip: { name: 'valueResidual', learned: true } },
    'U-Net': { skip: 'uNet' },
    DenseFormer: { skip: 'denseFormer' },
    'attention residual': { skip: 'attentionResidual' },
  },
  full: { seeds: 5, rates: [2e-3, 4e-3, 8e-3, 1.6e-2], steps: 300, depth: 12 },
  short: {
    ...{ seeds: 3, rates: [4e-3], steps: 120, depth: 2 },
    arms: ['Pre', 'x0 residual', 'value residual', 'DenseFormer', 'attention residual'],
  },
  async measure(arm, trial) {
    const { steps, rates, depth } = trial.size
    const training = { schedule: 'linear', beta2: 0.95 } as const
    const runs = await trainAtRates(trial, task, { ...arm, placement: 'pre', depth }, rates, { steps, training })
    const { loss, learningRate, result } = bestOf(runs)
    if (result.state !== 'trained') return { state: result.state, metrics: {} }
    const shares = Object.entries(weightsOfEarlierValues(await result.model.weights()))
    return {
      ...{ loss, 'log2 best learning rate': Math.log2(learningRate) },
      ...Object.fromEntries(shares.map(([block, share]) => [`${earlier}, block ${block}`, share])),
      ...(shares.length > 0 && { [earlier]: sum(shares.map(([, share]) => share)) / shares.length }),
    }
  },
  statements: {
    'x0 residual': {
      says: beats(
        'A learned share of the embedding in every block (x0 residual)',
        '每个块按学到的比例加上嵌入（x0 残差）',
      ),
      rule: ahead('x0 residual'),
      claims: { 17: 'informs', 71: 'informs' },
    },
    'value residual': {
      says: beats(
        'Value residual, half the values being those of the first block,',
        'value residual（一半的 value 取自第一个块）',
      ),
      rule: ahead('value residual'),
      claims: { 17: 'informs', 71: 'informs' },
      papers: { 'res-former-2024': 'supports' },
    },
    'learned value residual': {
      says: beats('Value residual with learned shares', '比例可学习的 value residual '),
      rule: ahead('learned value residual'),
      papers: { 'res-former-2024': 'supports' },
    },
    'U-Net': {
      says: beats(
        'A U-Net skip from each block of the first half to its mirror',
        '从前半部分各块跳到对称块的 U-Net 连接',
      ),
      rule: ahead('U-Net'),
      claims: { 19: 'informs', 71: 'informs' },
    },
    DenseFormer: {
      says: beats(
        'DenseFormer, which averages all blocks so far with learned weights,',
        'DenseFormer（以学到的权重平均此前各块）',
      ),
      rule: ahead('DenseFormer'),
      claims: { 19: 'informs', 71: 'informs' },
    },
    'attention residual': {
      says: beats('Attention over depth', '深度注意力'),
      rule: ahead('attention residual'),
      claims: { 19: 'informs', 71: 'informs' },
      papers: { 'attention-residuals-2026': 'supports' },
    },
    'earlier values are used': {
      says: {
        en: 'Free to weigh all blocks so far, a DenseFormer learns to give more than a tenth of its weights to other than the last.',
        zh: 'DenseFormer 可自由地给此前各块加权，它学会把十分之一以上的权重给最后一块之外的块。',
      },
      rule: above('DenseFormer', earlier, 0.1),
      claims: { 17: 'supports', 19: 'informs' },
    },
  },
})
