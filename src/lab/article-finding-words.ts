import type { Language } from './claims/claim.ts'

/** What is said of the outcomes of the article's experiment; shares and ratios come as text. */
interface Words {
  readonly atChance: string
  fellBack(best: string, step: number): string
  plateau(step: number): string
  leftPlateau(step: number): string
  diverged(step: number): string
  divergedAt(step: number, path: string): string
  /** What an accuracy comes after. */
  after(best: string, step: number): string
  scored(arm: string, figures: readonly string[]): string
  list(arms: readonly string[]): string
  ended(arms: string, chance: string): string
  allLearned(blocks: number, arms: string): string
  noneLearned(blocks: number, ended: string): string
  someLearned(blocks: number, arms: string, ended: string): string
  readonly unmeasured: string
  gradients(first: string, firstStep: number, last: string, lastStep: number): string
  readonly verdicts: Readonly<Record<'refuted' | 'notRefuted' | 'partly' | 'borneOut' | 'notBorneOut', string>>
  normAlone(verdict: string, blocks: number, accuracy: string, plain: string, gradients: string): string
  residualAlone(verdict: string, blocks: number, accuracy: string, both: string, gradients: string): string
  oneBlock(verdict: string, gain: string, above: boolean, noise: string, lowest: string, highest: string): string
  single(seed: number, learningRate: number, steps: readonly number[]): string
  alike(accuracy: string, images: number, noise: string): string
  readonly space: string
}

const inBlocks = (blocks: number): string => `With ${blocks} ${blocks === 1 ? 'block' : 'blocks'}`

export const findingWords: Readonly<Record<Language, Words>> = {
  en: {
    atChance: 'at chance',
    fellBack: (best, step) => `at chance, after ${best} at step ${step}`,
    plateau: (step) => `plateau since before step ${step}`,
    leftPlateau: (step) => `left a plateau (step ${step})`,
    diverged: (step) => `diverged at step ${step}`,
    divergedAt: (step, path) => `diverged at step ${step}: ${path}`,
    after: (best, step) => `after ${best} at step ${step}`,
    scored: (arm, figures) => `${arm} (${figures.join(', ')})`,
    list: (arms) => (arms.length < 2 ? arms.join('') : `${arms.slice(0, -1).join(', ')} and ${arms.at(-1)}`),
    ended: (arms, chance) => `${arms} ended at chance (always the most frequent digit: ${chance})`,
    allLearned: (blocks, arms) => `${inBlocks(blocks)}, all arms learned: ${arms}.`,
    noneLearned: (blocks, ended) => `${inBlocks(blocks)}, no arm learned: ${ended}.`,
    someLearned: (blocks, arms, ended) => `${inBlocks(blocks)}, ${arms} learned, while ${ended}.`,
    unmeasured: 'its gradients were not measured',
    gradients: (first, firstStep, last, lastStep) =>
      `its gradient at the input was ${first} times that after the last block at step ${firstStep}, and ${last} times at step ${lastStep}`,
    verdicts: {
      refuted: 'Refuted here',
      notRefuted: 'Not refuted here',
      partly: 'Holds only in part here',
      borneOut: 'Borne out here',
      notBorneOut: 'Not borne out here',
    },
    normAlone: (verdict, blocks, accuracy, plain, gradients) =>
      `Layer norm by itself takes vanishing gradients away and makes training stable (2.2, 3.3). ${verdict}: with ${blocks} blocks and no residual connection it ended at ${accuracy} (plain: ${plain}); ${gradients}.`,
    residualAlone: (verdict, blocks, accuracy, both, gradients) =>
      `The residual connection solves vanishing and exploding gradients (3.3). ${verdict}: without norm, ${blocks} blocks ended at ${accuracy}, with it at ${both}; without norm ${gradients}.`,
    oneBlock: (verdict, gain, above, noise, lowest, highest) =>
      `A network of one block shows what the two techniques are good for (5.2). ${verdict}: residual + norm is ${gain} points ${above ? 'above' : 'below'} plain (by accident alone: up to ${noise} points); the four arms lie between ${lowest} and ${highest}.`,
    single: (seed, learningRate, steps) =>
      `One seed (${seed}), one learning rate (${learningRate}), ${steps.join(' or ')} steps an arm: this is what these eight runs did, not a verdict with statistics.`,
    alike: (accuracy, images, noise) =>
      `Accuracies near ${accuracy} on ${images} images that differ by less than ${noise} points cannot be told apart.`,
    space: ' ',
  },
  zh: {
    atChance: '随机水平',
    fellBack: (best, step) => `随机水平，第 ${step} 步曾达 ${best}`,
    plateau: (step) => `第 ${step} 步之前起停在平台`,
    leftPlateau: (step) => `离开过平台（第 ${step} 步）`,
    diverged: (step) => `第 ${step} 步发散`,
    divergedAt: (step, path) => `第 ${step} 步发散：${path}`,
    after: (best, step) => `第 ${step} 步曾达 ${best}`,
    scored: (arm, figures) => `${arm}（${figures.join('，')}）`,
    list: (arms) => arms.join('、'),
    ended: (arms, chance) => `${arms} 停在随机水平（总是回答最常见的数字：${chance}）`,
    allLearned: (blocks, arms) => `${blocks} 个块时各组都学会了：${arms}。`,
    noneLearned: (blocks, ended) => `${blocks} 个块时没有一组学会：${ended}。`,
    someLearned: (blocks, arms, ended) => `${blocks} 个块时 ${arms} 学会了，而 ${ended}。`,
    unmeasured: '没有测量其梯度',
    gradients: (first, firstStep, last, lastStep) =>
      `其输入处的梯度在第 ${firstStep} 步是末块之后的 ${first} 倍，在第 ${lastStep} 步是 ${last} 倍`,
    verdicts: {
      refuted: '在此被否定',
      notRefuted: '在此未被否定',
      partly: '在此只部分成立',
      borneOut: '在此得到证实',
      notBorneOut: '在此未得到证实',
    },
    normAlone: (verdict, blocks, accuracy, plain, gradients) =>
      `层归一化本身就能消除梯度消失并使训练稳定（2.2、3.3）。${verdict}：${blocks} 个块而没有残差连接时最终为 ${accuracy}（plain 为 ${plain}）；${gradients}。`,
    residualAlone: (verdict, blocks, accuracy, both, gradients) =>
      `残差连接解决了梯度消失与梯度爆炸（3.3）。${verdict}：${blocks} 个块没有归一化时最终为 ${accuracy}，有归一化时为 ${both}；没有归一化时${gradients}。`,
    oneBlock: (verdict, gain, above, noise, lowest, highest) =>
      `一个块的网络就能看出这两种技术的用处（5.2）。${verdict}：residual + norm 比 plain ${above ? '高' : '低'} ${gain} 个百分点（仅凭偶然可达 ${noise} 个百分点）；四组介于 ${lowest} 与 ${highest} 之间。`,
    single: (seed, learningRate, steps) =>
      `一个种子（${seed}），一个学习率（${learningRate}），每组 ${steps.join(' 或 ')} 步：这是这八次运行的表现，不是有统计依据的结论。`,
    alike: (accuracy, images, noise) =>
      `在 ${images} 张图像上，${accuracy} 附近相差不足 ${noise} 个百分点的准确率无法区分。`,
    space: '',
  },
}
