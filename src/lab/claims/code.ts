import type { Claim } from './claim.ts'

/** Claims 50 to 60: the article's code, and what it says about it. */
export const code: readonly Claim[] = [
  {
    id: 50,
    where: [{ draft: 'AB', section: '5.1' }],
    statement: {
      en: 'Install Python 3.6 or later, then run pip install tensorflow.',
      zh: '装好 Python 3.6 或更新的版本，再执行 pip install tensorflow。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'Python 3.6 is out of support since 2021; TensorFlow from 2.16 on needs 3.9 and brings Keras 3; the version is not pinned.',
      zh: 'Python 3.6 自 2021 年起停止支持；TensorFlow 2.16 起要求 3.9，并自带 Keras 3；版本也没有锁定。',
    },
    experiments: [],
  },
  {
    id: 51,
    where: [{ draft: 'AB', section: '5.2' }],
    statement: {
      en: 'ResidualLayer is a Dense with ReLU, a Dense, and the sum of inputs and x.',
      zh: 'ResidualLayer 由带 ReLU 的 Dense、另一个 Dense 以及 inputs + x 组成。',
    },
    assessment: 'reserved',
    correct: {
      en: 'A correct unit if units equals the input width; it has no norm, no projection, and no zero or scaled initialization of the last Dense.',
      zh: '当 units 等于输入宽度时，这是正确的单元；它没有归一化，没有投影，最后的 Dense 也没有零初始化或缩放初始化。',
    },
    experiments: ['E1'],
  },
  {
    id: 52,
    where: [{ draft: 'AB', section: '5.2' }],
    statement: {
      en: 'ResidualLayer(128) can be applied to 784 inputs.',
      zh: 'ResidualLayer(128) 可以用于 784 维输入。',
    },
    assessment: 'wrong',
    correct: {
      en: '784 + 128 does not broadcast: it fails while the graph is built.',
      zh: '784 与 128 不能广播相加：构建计算图时就会失败。',
    },
    experiments: ['E1'],
  },
  {
    id: 53,
    where: [{ draft: 'AB', section: '5.2' }],
    statement: {
      en: 'A layer with mean 0 and std 1, not trainable and never updated, normalizes.',
      zh: 'mean 为 0、std 为 1、不可训练也从不更新的层能做归一化。',
    },
    assessment: 'wrong',
    correct: {
      en: 'This is the exact identity; the parameters exist and do nothing.',
      zh: '这恰好是恒等映射；参数存在，却不起任何作用。',
    },
    experiments: ['E1', 'E2'],
  },
  {
    id: 54,
    where: [{ draft: 'AB', section: '5.2' }],
    statement: {
      en: 'Statistics of shape input_shape[1:] make this layer a layer normalization.',
      zh: '用形状为 input_shape[1:] 的统计量实现层归一化。',
    },
    assessment: 'wrong',
    correct: {
      en: 'Statistics per feature make a data standardizer, or batch norm at inference; they are not layer norm.',
      zh: '逐特征的统计量是数据标准化，或推理时的批归一化，而不是层归一化。',
    },
    experiments: ['E2'],
    byReading: true,
  },
  {
    id: 55,
    where: [{ draft: 'AB', section: '5.2' }],
    statement: { en: 'Flatten stands before the last Dense.', zh: '最后的 Dense 之前放了 Flatten。' },
    assessment: 'imprecise',
    correct: { en: 'It is a no-op on rank 2.', zh: '对 2 阶张量，它什么也不做。' },
    experiments: ['E1'],
  },
  {
    id: 56,
    where: [{ draft: 'AB', section: '5.2' }],
    statement: {
      en: 'The model ends in softmax(10) and is fitted on x_train with categorical_crossentropy and Adam.',
      zh: '模型以 softmax(10) 结尾，用 categorical_crossentropy 和 Adam 在 x_train 上训练。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'The data are never loaded or scaled, and the labels must be one-hot.',
      zh: '数据从未加载，也没有缩放；标签必须是 one-hot 编码。',
    },
    experiments: ['E1'],
  },
  {
    id: 57,
    where: [{ draft: 'AB', section: '5.2' }],
    statement: { en: 'One residual block illustrates the technique.', zh: '用一个残差块就能说明这项技术。' },
    assessment: 'imprecise',
    correct: {
      en: 'The article has one block; at 2 blocks the benefit is small: 93.1% against 92.0% without a residual.',
      zh: '文中只有一个块；2 个块时好处很小：有残差为 93.1%，无残差为 92.0%。',
    },
    evidence: 'pilot',
    experiments: ['E3'],
  },
  {
    id: 58,
    where: [{ draft: 'AB', section: '5.3' }],
    statement: {
      en: 'The text says: the first Dense has ReLU, the second none, and the result is added back.',
      zh: '正文称：第一个 Dense 带 ReLU，第二个不带，结果再与输入相加。',
    },
    assessment: 'right',
    correct: { en: 'The statement is right.', zh: '说法正确。' },
    experiments: ['E1'],
  },
  {
    id: 59,
    where: [{ draft: 'AB', section: '5.3' }],
    statement: {
      en: 'The text says: the layer stores mean and variance and makes the data have mean 0 and variance 1.',
      zh: '正文称：该层存有均值和方差，能使数据均值为 0、方差为 1。',
    },
    assessment: 'wrong',
    correct: {
      en: 'The code stores the standard deviation, and makes nothing.',
      zh: '代码存的是标准差，而且什么也没有改变。',
    },
    experiments: ['E1'],
  },
  {
    id: 60,
    where: [{ draft: 'AB', section: '5.4' }],
    statement: {
      en: 'Evaluate, print the accuracy, and judge the model by it.',
      zh: '评估之后打印准确率，据此判断模型好坏。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'There is no baseline, no ablation and no spread over seeds, so there is no conclusion about residual or layer norm.',
      zh: '没有基线，没有消融，也没有不同种子间的波动，因此得不出关于残差或层归一化的结论。',
    },
    experiments: ['E40'],
  },
]
