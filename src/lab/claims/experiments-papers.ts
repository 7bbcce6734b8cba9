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
    setting: {
      en: 'MLPs of 200 and 500 residual blocks of 2 layers, width 32, no norm; MNIST, 60,000 digits, training loss on 2,000; AdamW, 100 steps of 64; 3 learning rates, 1e-4 to 1e-2; 3 seeds. Short: 200 blocks, rate 1e-3.',
      zh: 'MLP，200 和 500 个残差块，每块 2 层，宽度 32，没有归一化；MNIST（60,000 个数字图像），训练损失取其中 2,000 个；AdamW，100 步，批大小 64；3 个学习率（1e-4 到 1e-2）；3 个种子。简短形式：200 个块，学习率 1e-3。',
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
    setting: {
      en: 'GPTs of 6, 12, 24 and 48 blocks, width 32; Moby Dick (1.1M characters), measured on 8 held-out windows of 32; relative noise of 1e-3 on initial weights, and 10 steps of AdamW, batch 8, rate 1e-4; 10 seeds. Short: 6 seeds, 6 and 24 blocks.',
      zh: 'GPT，6、12、24、48 个块，宽度 32；《白鲸》（1.1M 字符），用 8 个留出的窗口测量，上下文 32；初始权重加相对大小 1e-3 的噪声，AdamW 训练 10 步，批大小 8，学习率 1e-4；10 个种子。简短形式：6 个种子，6 和 24 个块。',
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
    setting: {
      en: 'Transformers of 2 to 32 blocks, 9 depths, width 64, 4 heads, on 32 Gaussian tokens, at initial values, in float64; nothing is trained; 10 seeds. Short: 3 seeds, 5 depths to 16.',
      zh: '初始化时的 transformer，2 到 32 个块，共 9 种深度，宽度 64，4 个头，32 个高斯词元，float64；不训练；10 个种子。简短形式：3 个种子，5 种深度，至多 16。',
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
    setting: {
      en: 'GPTs of 6 blocks, width 48, Moby Dick (1.1M characters), 250 steps of 8 windows of 64; MLPs of 8 blocks, width 64, MNIST (60,000 digits), 400 of 64; AdamW, 3 rates, 1e-3 to 1.6e-2 or 3e-4 to 3e-3; 5 seeds. Short: 3 seeds, 60 or 100 steps, rate 4e-3 or 1e-3.',
      zh: 'GPT，6 个块，宽度 48，《白鲸》（1.1M 字符），250 步，批大小 8，上下文 64；MLP，8 个块，宽度 64，MNIST（60,000 个数字图像），400 步，批大小 64；AdamW，各 3 个学习率（1e-3 到 1.6e-2，3e-4 到 3e-3）；5 个种子。简短形式：3 个种子，60 或 100 步，学习率 4e-3 或 1e-3。',
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
    setting: {
      en: 'MLPs of 16 relu layers, width 64, no skips; MNIST, 60,000 digits; SGD, 460 steps of 128; 5 learning rates, 0.01 to 1; 5 seeds; shifts measured at 3 moments. Short: 3 seeds, 120 steps, rates 0.03 and 0.3, 1 moment.',
      zh: 'MLP，16 个 relu 层，宽度 64，没有跳跃连接；MNIST（60,000 个数字图像）；SGD，460 步，批大小 128；5 个学习率（0.01 到 1）；5 个种子；在 3 个时刻测量偏移。简短形式：3 个种子，120 步，学习率 0.03 和 0.3，1 个时刻。',
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
    setting: {
      en: 'GPTs of 12 blocks, width 48; Moby Dick (1.1M characters); AdamW, linear decay, 300 steps of 8 windows of 64, nGPT 300, 150 and 75; 3 rates each, 2e-3 to 0.128; 5 seeds; 60 timed steps. Short: 3 seeds, 2 blocks, 120, 60 and 30 steps, 1 rate each, 20 timed.',
      zh: 'GPT，12 个块，宽度 48；《白鲸》（1.1M 字符）；AdamW，线性衰减，300 步，批大小 8，上下文 64，nGPT 300、150、75 步；各 3 个学习率（2e-3 到 0.128）；5 个种子；计时 60 步。简短形式：3 个种子，2 个块，120、60、30 步，各 1 个学习率，计时 20 步。',
    },
    rule: {
      en: 'Confirmed if nGPT reaches the final loss of pre-norm in at most a quarter of its steps.',
      zh: '若 nGPT 以至多四分之一的步数达到 pre-norm 的最终损失，则成立。',
    },
  },
]
