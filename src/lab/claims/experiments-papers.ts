import type { Experiment } from './claim.ts'

/** E43 to E48: published results that no claim of the article asks for. */
export const paperExperiments: readonly Experiment[] = [
  {
    id: 'E43',
    question: {
      en: 'Does Fixup train hundreds of blocks without a norm?',
      zh: 'Fixup 能否在没有归一化的情况下训练数百个块？',
    },
    measures: {
      en: 'Training loss after 100 steps of residual MLPs of 200 and 500 blocks without norms, from Fixup and from the usual initial values.',
      zh: '200 和 500 个块、没有归一化的残差 MLP，分别用 Fixup 与常规初始值，训练 100 步后的损失。',
    },
    rule: {
      en: 'Confirmed if the loss falls below that of chance with Fixup and does not without.',
      zh: '若使用 Fixup 时损失降到随机水平以下，而不使用时没有，则成立。',
    },
  },
  {
    id: 'E44',
    question: {
      en: 'Is it unbalanced gradients or amplification that keeps post-norm from training?',
      zh: '使 post-norm 难以训练的是梯度不均衡，还是放大效应？',
    },
    measures: {
      en: 'Balance of the gradients over depth, and the change of the output by one update, of Pre, Post and Admin at 6 to 48 blocks.',
      zh: 'Pre、Post 和 Admin 在 6 到 48 个块时，梯度沿深度的均衡程度，以及一次更新引起的输出变化。',
    },
    rule: {
      en: 'Confirmed if the change of the output grows with depth for Post and not for Admin, while the gradients tell the two apart less.',
      zh: '若 Post 的输出变化随深度增长而 Admin 不增长，且梯度对二者的区分更弱，则成立。',
    },
  },
  {
    id: 'E45',
    question: {
      en: 'Does rank collapse kill the gradients of queries and keys, and does 1/sqrt(L) on the branch save them?',
      zh: '秩塌缩是否使查询和键的梯度消失，分支乘 1/sqrt(L) 能否挽救？',
    },
    measures: {
      en: 'Gradients of queries and keys over those of values, and cosine between tokens, over depth at the start.',
      zh: '初始时沿深度：查询和键的梯度与值的梯度之比，以及词元之间的余弦。',
    },
    rule: {
      en: 'Confirmed if the ratio falls as tokens become alike, and stays with branches of 1/sqrt(L).',
      zh: '若词元趋同时该比值下降，而分支乘 1/sqrt(L) 时保持不变，则成立。',
    },
  },
  {
    id: 'E46',
    question: {
      en: 'Is it the backward pass of its statistics that makes layer norm work, and does it need gain and bias?',
      zh: '层归一化之所以有效，是否在于其统计量的反向传播？它需要增益和偏置吗？',
    },
    measures: {
      en: 'Test loss of layer norm, of the same without gain and bias, and of the same whose statistics pass no gradient.',
      zh: '层归一化、不带增益和偏置的层归一化、统计量不回传梯度的层归一化，各自的测试损失。',
    },
    rule: {
      en: 'Confirmed if without gain and bias it is no worse, and without the gradient of the statistics worse.',
      zh: '若不带增益和偏置时不更差，而统计量不回传梯度时更差，则成立。',
    },
  },
  {
    id: 'E47',
    question: {
      en: 'Does batch norm help by fewer shifts of its inputs, or by a smoother loss?',
      zh: '批归一化有效，是因为减少了输入分布的偏移，还是因为损失更平滑？',
    },
    measures: {
      en: 'Accuracy, shift of the inputs of a layer from step to step, and how far the gradient predicts the loss along it, of nets with batch norm, with noisy batch norm and without.',
      zh: '使用批归一化、加噪声的批归一化和不使用归一化的网络：准确率、各层输入逐步的偏移、梯度沿其方向对损失的可预测性。',
    },
    rule: {
      en: 'Confirmed if noisy batch norm shifts more than no norm and still trains better, and batch norm makes the gradient more predictive.',
      zh: '若加噪声的批归一化比不归一化偏移更大却训练得更好，且批归一化使梯度更可预测，则成立。',
    },
  },
  {
    id: 'E48',
    question: {
      en: 'Does nGPT need fewer steps than a pre-norm GPT?',
      zh: 'nGPT 所需的步数是否少于 pre-norm 的 GPT？',
    },
    measures: {
      en: 'Test loss after equal steps, steps to the final loss of pre-norm, and time per step.',
      zh: '相同步数后的测试损失、达到 pre-norm 最终损失所需的步数，以及每步时间。',
    },
    rule: {
      en: 'Confirmed if nGPT reaches the final loss of pre-norm in at most a quarter of its steps.',
      zh: '若 nGPT 以至多四分之一的步数达到 pre-norm 的最终损失，则成立。',
    },
  },
]
