import type { Claim } from './claim.ts'

/** Claims 39 to 49: formulas, derivations and worked examples. */
export const formulas: readonly Claim[] = [
  {
    id: 39,
    where: [{ draft: 'AB', section: '4.1.1' }],
    statement: { en: 'Residual connection: y = f(L(x) + R(x)).', zh: '残差连接写作 y = f(L(x) + R(x))。' },
    assessment: 'imprecise',
    correct: {
      en: "Right if L is the branch and R is identity or projection: He's post-activation unit.",
      zh: '若 L 是分支，R 是恒等或投影，则正确：即 He 等人的后激活单元。',
    },
    experiments: ['E39'],
  },
  {
    id: 40,
    where: [{ draft: 'AB', section: '4.1.1' }],
    statement: { en: 'In this formula f is a neural network layer.', zh: '式中的 f 是一个网络层。' },
    assessment: 'imprecise',
    correct: {
      en: 'f is the activation; f = identity gives pre-activation, v2.',
      zh: 'f 是激活函数；f 取恒等映射，就是预激活（v2）。',
    },
    experiments: ['E39'],
  },
  {
    id: 41,
    where: [{ draft: 'AB', section: '4.1.2' }],
    statement: { en: "Layer normalization: x' = (x - mu)/sigma.", zh: "层归一化写作 x' = (x - mu)/sigma。" },
    assessment: 'imprecise',
    correct: {
      en: 'The formula is y = gain*(x - mu)/sqrt(var + eps) + bias.',
      zh: '公式应为 y = gain*(x - mu)/sqrt(var + eps) + bias。',
    },
    experiments: ['E7'],
  },
  {
    id: 42,
    where: [{ draft: 'AB', section: '4.2.1' }],
    statement: {
      en: 'The layer computes L(x) = sum_i w_i x_i.',
      zh: '网络层计算的是 L(x) = sum_i w_i x_i。',
    },
    assessment: 'wrong',
    correct: {
      en: "This is a scalar linear form, which can't be added to a vector; it has no bias and no non-linearity.",
      zh: '这是标量的线性型，不能与向量相加；既没有偏置，也没有非线性。',
    },
    experiments: ['E1'],
  },
  {
    id: 43,
    where: [{ draft: 'AB', section: '4.2.1' }],
    statement: { en: 'The residual path is R(x) = y - L(x).', zh: '残差路径等于 R(x) = y - L(x)。' },
    assessment: 'wrong',
    correct: {
      en: 'This is not a network path; it is the target of the next stage in residual fitting (matching pursuit, L2Boost, BoostResNet).',
      zh: '这不是网络中的通路，而是残差拟合里下一阶段的目标（匹配追踪、L2Boost、BoostResNet）。',
    },
    experiments: ['E5', 'E6'],
  },
  {
    id: 44,
    where: [{ draft: 'AB', section: '4.2.1' }],
    statement: { en: 'Substituting gives y_hat = f(y).', zh: '代入后得 y_hat = f(y)。' },
    assessment: 'wrong',
    correct: {
      en: 'This is circular: independent of w, so that dLoss/dw = 0 identically.',
      zh: '这是循环论证：与 w 无关，因此 dLoss/dw 恒为 0。',
    },
    experiments: ['E5'],
  },
  {
    id: 45,
    where: [{ draft: 'AB', section: '4.2.2' }],
    statement: { en: 'mu and sigma^2 are computed with 1/n.', zh: 'mu 和 sigma^2 都以 1/n 计算。' },
    assessment: 'right',
    correct: {
      en: 'The statement is right: it is the population variance, and n is the number of features.',
      zh: '说法正确：这是总体方差，n 是特征数。',
    },
    experiments: ['E7c'],
  },
  {
    id: 46,
    where: [{ draft: 'AB', section: '4.2.2' }],
    statement: {
      en: "The derivation gives x' = (x - mu)/sqrt(sigma^2).",
      zh: "推导给出 x' = (x - mu)/sqrt(sigma^2)。",
    },
    assessment: 'imprecise',
    correct: {
      en: 'It is NaN for constant vectors, so eps is needed; layer norm of d = 2 is always +-1, of d = 1 always 0.',
      zh: '对常数向量得到 NaN，因此需要 eps；d = 2 的层归一化恒为 ±1，d = 1 的恒为 0。',
    },
    experiments: ['E7d'],
  },
  {
    id: 47,
    where: [{ draft: 'AB', section: '4.2.2' }],
    statement: {
      en: 'Mean and variance are substituted for the fully expanded formula.',
      zh: '把均值和方差代进去，得到完全展开的公式。',
    },
    assessment: 'right',
    correct: {
      en: 'The statement is right, up to eps and the affine part.',
      zh: '说法正确，只差 eps 和仿射部分。',
    },
    experiments: ['E7'],
  },
  {
    id: 48,
    where: [{ draft: 'AB', section: '4.3.1' }],
    statement: {
      en: 'A worked example shows how a residual connection is built and used.',
      zh: '用一个例子演示残差连接的搭建和使用。',
    },
    assessment: 'wrong',
    correct: { en: 'It repeats claims 27 to 29.', zh: '它重复了第 27 至 29 条。' },
    experiments: ['E5', 'E6'],
  },
  {
    id: 49,
    where: [{ draft: 'AB', section: '4.3.2' }],
    statement: {
      en: 'A worked example shows how layer normalization is built and used.',
      zh: '用一个例子演示层归一化的搭建和使用。',
    },
    assessment: 'imprecise',
    correct: { en: 'It repeats claim 31.', zh: '它重复了第 31 条。' },
    experiments: ['E7'],
  },
]
