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
      en: 'Confirmed if with Fixup the loss falls 10% below that of chance, and to less than half of that without.',
      zh: '若使用 Fixup 时损失比随机水平低 10% 以上，且不到不使用时的一半，则成立。',
    },
  },
  {
    id: 'E44',
    question: {
      en: 'Is it unbalanced gradients or amplification that keeps post-norm from training?',
      zh: '使 post-norm 难以训练的是梯度不均衡，还是放大效应？',
    },
    measures: {
      en: 'Change of the output by noise on the weights and by one update of Adam, and balance of gradients and updates over the blocks, of Pre, Post and Admin at 6 to 48 blocks.',
      zh: 'Pre、Post 和 Admin 在 6 到 48 个块时，权重噪声和 Adam 的一次更新引起的输出变化，以及各块之间梯度和更新的均衡程度。',
    },
    rule: {
      en: 'Confirmed if the exponent over depth of the change of the output is at least 0.2 lower for Pre and Admin than for Post, while the gradients of Admin are not twice as balanced and updates of Post are balanced within a factor of 2.',
      zh: '若输出变化随深度的指数在 Pre 和 Admin 中比 Post 至少低 0.2，而 Admin 的梯度没有均衡一倍，且 Post 的各块更新相差不到 2 倍，则成立。',
    },
  },
  {
    id: 'E45',
    question: {
      en: 'Does rank collapse kill the gradients of queries and keys, and does 1/sqrt(L) on the branch save them?',
      zh: '秩塌缩是否使查询和键的梯度消失，分支乘 1/sqrt(L) 能否挽救？',
    },
    measures: {
      en: 'Gradients of queries and keys over those of values, and cosine between tokens, in the last attention of transformers of 2 to 32 blocks at the start.',
      zh: '2 到 32 个块的 transformer 在初始时，最后一层注意力中查询和键的梯度与值的梯度之比，以及词元之间的余弦。',
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
      en: 'Test loss, on text and digits, of layer norm, of the same without gain and bias, of that with statistics that pass no gradient, and without a norm.',
      zh: '在文本和手写数字上的测试损失：层归一化、不带增益和偏置的层归一化、后者的统计量不回传梯度时，以及不用归一化。',
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
      en: 'Accuracy in training, shift of the inputs of a layer and of its gradient by one step of the layers below, and effective smoothness along the gradient, of nets of 16 layers with batch norm, with noisy batch norm and without.',
      zh: '使用批归一化、加噪声的批归一化和不使用归一化的 16 层网络：训练中的准确率、下方各层更新一步引起的本层输入的偏移和梯度的变化、沿梯度的有效光滑度常数。',
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
      en: 'Test loss of pre-norm, and of nGPT after as many, half and a quarter of its steps; and time per step.',
      zh: 'pre-norm 的测试损失，nGPT 在相同、一半、四分之一步数后的测试损失，以及每步时间。',
    },
    rule: {
      en: 'Confirmed if nGPT reaches the final loss of pre-norm in at most a quarter of its steps.',
      zh: '若 nGPT 以至多四分之一的步数达到 pre-norm 的最终损失，则成立。',
    },
  },
]
