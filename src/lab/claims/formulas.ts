import type { Claim } from './claim.ts'

/** Claims 39 to 49: formulas, derivations and worked examples. */
export const formulas: readonly Claim[] = [
  {
    id: 39,
    where: [{ draft: 'AB', section: '4.1.1' }],
    statement: { en: 'Residual connection: y_hat = f(L(x) + R(x)).', zh: '残差连接写作 y_hat = f(L(x) + R(x))。' },
    assessment: 'imprecise',
    correct: {
      en: "Right if L is the branch and R is identity or projection: He's post-activation unit.",
      zh: '若 L 是分支，R 是恒等或投影，则正确：即 He 等人的后激活单元。',
    },
    experiments: [],
    byReading: true,
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
    byReading: true,
  },
  {
    id: 41,
    where: [{ draft: 'AB', section: '4.1.2' }],
    statement: { en: "Layer normalization: x' = (x - mu)/sigma.", zh: "层归一化写作 x' = (x - mu)/sigma。" },
    assessment: 'imprecise',
    correct: {
      en: 'The formula is y = gain*(x - mu)/sqrt(var + eps) + bias; without eps it is undefined for constant vectors.',
      zh: '公式应为 y = gain*(x - mu)/sqrt(var + eps) + bias；没有 eps，对常数向量就没有定义。',
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
      en: 'This is one unit of a linear layer: a layer computes a vector, W x + b, mostly with an activation behind it.',
      zh: '这只是线性层的一个单元：一个层给出向量 W x + b，后面通常还有激活函数。',
    },
    experiments: ['E1'],
  },
  {
    id: 43,
    where: [{ draft: 'AB', section: '4.2.1' }],
    statement: { en: 'The residual path is R(x) = y - L(x).', zh: '残差路径等于 R(x) = y - L(x)。' },
    assessment: 'wrong',
    correct: {
      en: 'This is not a network path; it is the target of the next stage in residual fitting (matching pursuit, L2Boost).',
      zh: '这不是网络中的通路，而是残差拟合里下一阶段的目标（匹配追踪、L2Boost）。',
    },
    experiments: ['E5', 'E6'],
  },
  {
    id: 44,
    where: [{ draft: 'AB', section: '4.2.1' }],
    statement: {
      en: 'Substituting gives y_hat = f(y); so the residual connection is derived.',
      zh: '代入后得 y_hat = f(y)，残差连接的公式由此推出。',
    },
    assessment: 'wrong',
    correct: {
      en: 'The algebra is right, and shows that the argument is circular: the output depends neither on x nor on w, so dLoss/dw = 0.',
      zh: '代数上没错，但恰好说明这是循环论证：输出与 x、w 都无关，因此 dLoss/dw 恒为 0。',
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
      en: 'It is NaN for constant vectors, and so always for d = 1; eps is needed, and then d = 1 always gives 0. Two features that differ give +-1.',
      zh: '对常数向量得到 NaN，d = 1 时总是如此；因此需要 eps，有了它 d = 1 恒为 0。两个不相等的特征得到 ±1。',
    },
    experiments: ['E7d'],
  },
  {
    id: 47,
    where: [{ draft: 'AB', section: '4.2.2' }],
    statement: {
      en: 'Substituting mean and variance gives the fully expanded formula.',
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
      en: 'To use a residual connection, compute the residual between input and target, pass it on and combine it with the input; this raises performance and relieves the gradient problems.',
      zh: '使用残差连接：计算输入与目标的残差，传到下一层，再与输入组合；这样能提高性能，缓解梯度问题。',
    },
    assessment: 'wrong',
    correct: {
      en: 'As in claims 27 to 29: what is passed on is the input, not a residual to the target.',
      zh: '同第 27 至 29 条：传递的是输入，而不是与目标的残差。',
    },
    experiments: ['E5', 'E6'],
  },
  {
    id: 49,
    where: [{ draft: 'AB', section: '4.3.2' }],
    statement: {
      en: 'To use layer normalization, compute mean and variance, standardize and feed the network; this makes training more stable and relieves the gradient problems.',
      zh: '使用层归一化：计算均值和方差，标准化，再输入网络；这样训练更稳定，梯度问题也得到缓解。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'As in claim 31: axis, eps, gain and bias are missing.',
      zh: '同第 31 条：缺少归一化的轴、eps、增益和偏置。',
    },
    experiments: ['E7'],
  },
]
