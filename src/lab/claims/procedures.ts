import type { Claim } from './claim.ts'

/** Claims 26 to 38: the steps of both techniques, their strengths and weaknesses, and their use. */
export const procedures: readonly Claim[] = [
  {
    id: 26,
    where: [{ draft: 'AB', section: '3.2.1-1' }],
    statement: { en: 'Residual, step 1: feed the input.', zh: '残差第 1 步：送入数据。' },
    assessment: 'right',
    correct: { en: 'The statement is right.', zh: '说法正确。' },
    experiments: [],
  },
  {
    id: 27,
    where: [{ draft: 'AB', section: '3.2.1-2' }],
    statement: {
      en: 'Residual, step 2: compute the residual between input and target.',
      zh: '残差第 2 步：求输入和目标之差，当作残差。',
    },
    assessment: 'wrong',
    correct: {
      en: 'The shapes differ (784 and 10 in its example), the target is unknown at test time, and the label leaks.',
      zh: '形状不同（文中例子是 784 与 10），测试时目标未知，而且会泄漏标签。',
    },
    experiments: ['E5'],
  },
  {
    id: 28,
    where: [{ draft: 'AB', section: '3.2.1-3' }],
    statement: {
      en: 'Residual, step 3: send that residual to the next layer.',
      zh: '残差第 3 步：把这个差交给下一层。',
    },
    assessment: 'wrong',
    correct: { en: 'It is the input that is sent.', zh: '送过去的是输入。' },
    experiments: ['E5'],
  },
  {
    id: 29,
    where: [{ draft: 'AB', section: '3.2.1-4' }],
    statement: {
      en: 'Residual, step 4: combine input and residual, then apply the layer.',
      zh: '残差第 4 步：先把输入和残差合起来，再过网络层。',
    },
    assessment: 'wrong',
    correct: {
      en: 'The branch is applied first, then comes the sum, and only then what stands on the sum: ReLU in the first ResNet, a norm if the placement is Post.',
      zh: '先算分支，再相加，最后才是作用于和的部分：最早的 ResNet 是 ReLU，Post 位置则是归一化。',
    },
    experiments: ['E10'],
  },
  {
    id: 30,
    where: [{ draft: 'AB', section: '3.2.1-5' }],
    statement: { en: 'Residual, step 5: give the output.', zh: '残差第 5 步：给出输出。' },
    assessment: 'right',
    correct: {
      en: 'The statement is right. Pre-LN nets usually end in a norm of the output as well; at 12 blocks its effect was not seen here (E22, E42).',
      zh: '说法正确。Pre-LN 网络末尾通常还有一次归一化；在 12 个块时这里没有看到它的作用（E22、E42）。',
    },
    experiments: ['E22'],
  },
  {
    id: 31,
    where: [{ draft: 'AB', section: '3.2.2' }],
    statement: {
      en: 'Layer normalization takes three steps: mean and variance, standardizing, feeding the network.',
      zh: '层归一化分三步：求均值和方差，做标准化，再送进网络。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'Axis, eps, gain and bias are missing; "then feed the network" describes only the placement at the input, Pre.',
      zh: '缺了轴、eps、增益和偏置；“再送进网络”只描述了放在输入处的做法（Pre）。',
    },
    experiments: ['E7'],
    byReading: true,
  },
  {
    id: 32,
    where: [{ draft: 'AB', section: '3.3' }],
    statement: { en: 'Strength: a residual connection raises performance.', zh: '优点：残差让模型表现更好。' },
    assessment: 'imprecise',
    correct: {
      en: 'As with claim 12, the gain is in optimization; below about 8 blocks no difference is visible.',
      zh: '与第 12 条相同，收益在于优化；约 8 个块以下看不出差别。',
    },
    experiments: ['E3'],
  },
  {
    id: 33,
    where: [{ draft: 'AB', section: '3.3' }],
    statement: {
      en: 'Strength: a residual connection solves the gradient problems.',
      zh: '优点：残差解决了梯度方面的难题。',
    },
    assessment: 'imprecise',
    correct: { en: 'It removes one cause.', zh: '它消除的只是其中一个原因。' },
    experiments: ['E3', 'E23'],
  },
  {
    id: 34,
    where: [{ draft: 'AB', section: '3.3' }],
    statement: { en: 'Weakness: a residual connection costs compute.', zh: '缺点：残差会增加计算量。' },
    assessment: 'wrong',
    correct: {
      en: 'It costs 2d additions against 24d^2 FLOPs per token and block, 0.17% at d = 48. The real cost is retained activations and memory traffic; projections, concatenation and several streams do cost.',
      zh: '每个词元、每个块只多 2d 次加法，而块本身要 24d^2 次浮点运算，d = 48 时占 0.17%。真正的代价是要保留的激活和内存流量；投影、拼接和多条残差流才有计算开销。',
    },
    experiments: ['E11'],
  },
  {
    id: 35,
    where: [{ draft: 'AB', section: '3.3' }],
    statement: { en: 'Strength: layer normalization makes training stable.', zh: '优点：层归一化让训练更稳。' },
    assessment: 'imprecise',
    correct: {
      en: 'What must be measured is the range of usable learning rates.',
      zh: '要测的是可用学习率的范围。',
    },
    experiments: ['E13'],
  },
  {
    id: 36,
    where: [{ draft: 'AB', section: '3.3' }],
    statement: {
      en: 'Strength: layer normalization makes training efficient through even distributions.',
      zh: '优点：层归一化使分布均匀，训练因此高效。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'The effect is there, the reason is not this one: gradients are re-scaled (Xu et al. 2019, Santurkar et al. 2018).',
      zh: '效果有，原因不对：起作用的是对梯度的重新缩放（Xu 等人，2019；Santurkar 等人，2018）。',
    },
    experiments: ['E12', 'E7e'],
  },
  {
    id: 37,
    where: [{ draft: 'AB', section: '3.3' }],
    statement: {
      en: 'Weakness: layer normalization is sensitive to the distribution of the data, and its parameters need re-tuning.',
      zh: '缺点：层归一化受数据分布左右，分布一变就得重调参数。',
    },
    assessment: 'wrong',
    correct: {
      en: 'Layer norm keeps no running statistics and is invariant to a*x + b per vector. The weakness is that of batch norm. A residue of truth: learned gain and bias can overfit (Xu et al. 2019).',
      zh: '层归一化不保存滑动统计量，对每个向量的 a*x + b 保持不变。这是批归一化的缺点。只有一点属实：学到的增益和偏置可能过拟合（Xu 等人，2019）。',
    },
    experiments: ['E2', 'E8'],
  },
  {
    id: 38,
    where: [
      { draft: 'A', section: '3.4' },
      { draft: 'B', section: '3.3.5' },
    ],
    statement: { en: 'Both are used for images, speech and language.', zh: '图像、语音、语言处理都在用它们。' },
    assessment: 'right',
    correct: {
      en: 'The statement is right: Vision Transformers, speech models such as Conformer and Whisper, and nearly all large language models use residual connections with layer norm or its variant RMSNorm.',
      zh: '说法正确：视觉 Transformer、Conformer 和 Whisper 等语音模型，以及几乎所有大语言模型，都用残差连接加层归一化（或其变体 RMSNorm）。',
    },
    experiments: ['E17', 'E18', 'E19', 'E20', 'E21'],
    byReading: true,
  },
]
