import type { Claim } from './claim.ts'

/** Claims 1 to 10: what the article promises in abstract and introduction. */
export const introduction: readonly Claim[] = [
  {
    id: 1,
    where: [{ draft: 'A', section: '0' }],
    statement: {
      en: 'Residual connections and layer normalization make large language models better and more efficient.',
      zh: '用上这两项技术，大语言模型的质量和效率都会提高。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'True for deep networks; with 2 blocks the gain is about nil. Depth, learning rate and seeds must be stated.',
      zh: '对深的网络成立；只有 2 个块时，收益几乎为零。必须写明深度、学习率和随机种子。',
    },
    experiments: ['E3', 'E12', 'E22'],
  },
  {
    id: 2,
    where: [{ draft: 'AB', section: '1' }],
    statement: {
      en: 'The core idea of a large language model is to train on large corpora.',
      zh: '大语言模型的要义，就是拿海量文本来训练。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'The core is a self-supervised next-token loss on a Transformer; the size of the data is one axis.',
      zh: '要义是在 Transformer 上以自监督方式预测下一个词元；数据规模只是其中一个维度。',
    },
    experiments: ['E22'],
    byReading: true,
  },
  {
    id: 3,
    where: [{ draft: 'AB', section: '1' }],
    statement: { en: 'Models that grow become hard to train.', zh: '模型越大，越难训练。' },
    assessment: 'imprecise',
    correct: {
      en: 'Depth and learning rate drive the difficulty more than width does.',
      zh: '难度更多来自深度和学习率，而不是宽度。',
    },
    experiments: ['E35'],
  },
  {
    id: 4,
    where: [{ draft: 'AB', section: '1' }],
    statement: {
      en: 'Residual connections and layer normalization improve quality and also speed up training.',
      zh: '残差连接与层归一化既提升质量，又让训练变快。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'These are two effects, quality and speed, of two techniques, which must be separated by a 2x2 factorial: at 12 blocks layer norm speeds up training only with a residual connection.',
      zh: '这是两种技术的两种效应（质量与速度），必须用 2×2 析因实验分开：12 个块时，层归一化只有配合残差才加快训练。',
    },
    experiments: ['E3', 'E12'],
  },
  {
    id: 5,
    where: [{ draft: 'B', section: '1' }],
    statement: {
      en: 'Residual connections were first proposed by He et al. in 2016.',
      zh: '残差连接最早出自 He 等人 2016 年的论文。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'The paper came out on arXiv in December 2015 and at CVPR 2016. Highway networks (2015), the carousel of the LSTM (1997) and skip-layer networks (1990s) precede it.',
      zh: '该论文 2015 年底发布于 arXiv，2016 年刊于 CVPR。更早的有 Highway 网络（2015）、LSTM 的误差传送带（1997）和跨层网络（1990 年代）。',
    },
    experiments: ['E39'],
    byReading: true,
  },
  {
    id: 6,
    where: [{ draft: 'B', section: '1' }],
    statement: {
      en: 'Residual connections relieve vanishing and exploding gradients.',
      zh: '残差连接能减轻梯度的消失与爆炸。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'He et al. 2016 say that degradation was not a matter of vanishing gradients, as their networks had batch norm; unscaled residuals explode as 2^n. What is gained is conditioning, and gradients that do not shatter.',
      zh: 'He 等人（2016）指出，退化并非由梯度消失引起，因为那些网络带有批归一化；不加缩放的残差按 2^n 爆炸。真正的收益是条件数改善，梯度不破碎。',
    },
    experiments: ['E3', 'E23', 'E26'],
  },
  {
    id: 7,
    where: [
      { draft: 'B', section: '1' },
      { draft: 'B', section: '2.2' },
    ],
    statement: {
      en: 'Layer normalization is a common regularization technique.',
      zh: '层归一化属于常用的正则化方法。',
    },
    assessment: 'wrong',
    correct: {
      en: 'The word is wrong: it is normalization, not regularization. Any regularizing effect is small; the regularizer is the batch noise of batch norm.',
      zh: '用词有误：这是归一化，不是正则化。即使有正则化效果也很小；起正则化作用的是批归一化的批次噪声。',
    },
    experiments: ['E14'],
  },
  {
    id: 8,
    where: [
      { draft: 'AB', section: '2.2' },
      { draft: 'B', section: '1' },
    ],
    statement: {
      en: "Layer normalization makes the distribution of a layer's input more uniform.",
      zh: '经过层归一化，各层输入的分布会变得更均匀。',
    },
    assessment: 'wrong',
    correct: {
      en: 'It fixes two moments of each vector. It is affine, so skew and kurtosis are unchanged, and nothing becomes uniform.',
      zh: '它只固定每个向量的两个矩。这是仿射变换，偏度和峰度不变，没有什么变得均匀。',
    },
    experiments: ['E7f'],
  },
  {
    id: 9,
    where: [
      { draft: 'AB', section: '2.2' },
      { draft: 'AB', section: '9.2' },
    ],
    statement: {
      en: 'Layer normalization reduces vanishing and exploding gradients.',
      zh: '层归一化能抑制梯度的消失与爆炸。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'It bounds the scale of the forward pass, and the backward pass is multiplied by 1/sigma; without a skip it shatters gradients.',
      zh: '它限制前向的尺度，反向则乘以 1/sigma；没有跳跃连接时，它会使梯度破碎。',
    },
    experiments: ['E3', 'E23', 'E26'],
  },
  {
    id: 10,
    where: [{ draft: 'B', section: '2.2' }],
    statement: { en: 'Layer normalization speeds up convergence.', zh: '有了层归一化，训练收敛得更快。' },
    assessment: 'imprecise',
    correct: {
      en: 'This must be tested with each arm at its own best learning rate.',
      zh: '必须让每一组都用各自的最佳学习率来检验。',
    },
    experiments: ['E12', 'E13'],
  },
]
