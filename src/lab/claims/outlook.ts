import type { Claim } from './claim.ts'

/** Claims 61 to 74: applications, resources, outlook and the closing questions. */
export const outlook: readonly Claim[] = [
  {
    id: 61,
    where: [{ draft: 'AB', section: '6.1' }],
    statement: { en: 'Both techniques improve text classification.', zh: '两项技术能提高文本分类的准确率。' },
    assessment: 'open',
    correct: {
      en: 'Imprecise as it stands, and to be tested: for small networks no gain is to be expected at 1-2 blocks, and a gain at 12.',
      zh: '说得不精确，有待检验：小网络在 1 到 2 个块时预计没有收益，12 个块时有。',
    },
    experiments: ['E17'],
  },
  {
    id: 62,
    where: [{ draft: 'AB', section: '6.1' }],
    statement: { en: 'Both techniques improve machine translation.', zh: '两项技术能提高机器翻译的质量。' },
    assessment: 'open',
    correct: {
      en: 'Imprecise as it stands, and to be tested: placement and warm-up decide.',
      zh: '说得不精确，有待检验：起决定作用的是归一化的位置和预热。',
    },
    experiments: ['E18'],
  },
  {
    id: 63,
    where: [{ draft: 'AB', section: '6.2' }],
    statement: {
      en: 'Both techniques improve image classification by convolutional nets.',
      zh: '两项技术能提高卷积网络的图像分类性能。',
    },
    assessment: 'reserved',
    correct: {
      en: 'Right at depth: see E3 and E4; both techniques together in a convolutional net wait for E19.',
      zh: '网络够深时正确，见 E3、E4；两者合用于卷积网络，有待 E19。',
    },
    experiments: ['E3', 'E4', 'E19'],
  },
  {
    id: 64,
    where: [{ draft: 'AB', section: '6.2' }],
    statement: { en: 'Both techniques improve object detection.', zh: '两项技术能提高目标检测的精度。' },
    assessment: 'open',
    correct: { en: 'To be tested, by synthetic localization.', zh: '有待检验：用合成的定位任务来测。' },
    experiments: ['E20'],
  },
  {
    id: 65,
    where: [{ draft: 'AB', section: '6.3' }],
    statement: {
      en: 'Both techniques make speech recognition more accurate and stable.',
      zh: '两项技术使语音识别更准确、更稳定。',
    },
    assessment: 'open',
    correct: { en: 'To be tested, on spoken digits.', zh: '有待检验：用口读数字来测。' },
    experiments: ['E21'],
  },
  {
    id: 66,
    where: [{ draft: 'B', section: '6.4' }],
    statement: {
      en: 'Augmented reality, driving and medicine have much to gain.',
      zh: '增强现实、自动驾驶和医疗也将大为受益。',
    },
    assessment: 'untestable',
    correct: { en: 'Not testable here: there are no data of these fields.', zh: '此处无法检验：没有这些领域的数据。' },
    experiments: [],
  },
  {
    id: 67,
    where: [{ draft: 'AB', section: '7.1-7.2' }],
    statement: {
      en: 'Recommended are two books, TensorFlow and PyTorch.',
      zh: '推荐两本书，以及 TensorFlow 和 PyTorch。',
    },
    assessment: 'right',
    correct: {
      en: 'The statement is right; only the publisher that B gives for the Chinese edition of Chollet looks wrong.',
      zh: '说法正确；只是 B 稿所列 Chollet 中文版的出版社看来有误。',
    },
    evidence: 'mem',
    experiments: [],
  },
  {
    id: 68,
    where: [{ draft: 'AB', section: '7.3' }],
    statement: {
      en: 'The paper of He et al. 2016 proposed residual connections.',
      zh: '提出残差连接的是 He 等人 2016 年的论文。',
    },
    assessment: 'reserved',
    correct: {
      en: 'Right, with a reservation: arXiv December 2015, CVPR 2016; highway networks and others precede (claim 5).',
      zh: '正确，但有保留：2015 年末上 arXiv，2016 年发表于 CVPR；之前已有 highway 网络等（见第 5 条）。',
    },
    experiments: [],
  },
  {
    id: 69,
    where: [
      { draft: 'AB', section: '7.3' },
      { draft: 'B', section: 'refs' },
    ],
    statement: {
      en: 'Ioffe and Szegedy 2015 introduced layer normalization.',
      zh: '层归一化出自 Ioffe 和 Szegedy 2015 年的论文。',
    },
    assessment: 'wrong',
    correct: {
      en: 'That is batch norm; layer norm is Ba, Kiros and Hinton 2016 (arXiv 1607.06450).',
      zh: '那是批归一化；层归一化出自 Ba、Kiros 和 Hinton（2016，arXiv 1607.06450）。',
    },
    experiments: ['E9'],
    byReading: true,
  },
  {
    id: 70,
    where: [{ draft: 'AB', section: '8.1' }],
    statement: {
      en: 'Models became efficient and stable, and there was a breakthrough.',
      zh: '模型变得高效、稳定，并带来突破。',
    },
    assessment: 'imprecise',
    correct: { en: 'This is unmeasured.', zh: '这些都没有测量过。' },
    experiments: ['E12', 'E13'],
  },
  {
    id: 71,
    where: [{ draft: 'AB', section: '8.2' }],
    statement: {
      en: 'More complex residual structures will come.',
      zh: '今后会出现更复杂的残差结构。',
    },
    assessment: 'right',
    correct: {
      en: 'They came: hyper-connections, mHC, value residual, attention over depth.',
      zh: '它们已经出现：hyper-connections、mHC、value residual、沿深度的注意力。',
    },
    experiments: ['E31', 'E37'],
    byReading: true,
  },
  {
    id: 72,
    where: [{ draft: 'AB', section: '8.3' }],
    statement: { en: 'Compute efficiency is a challenge.', zh: '难题之一：计算效率。' },
    assessment: 'right',
    correct: {
      en: 'The statement is right: RMSNorm, DyT and reversible networks are about it.',
      zh: '说法正确：RMSNorm、DyT 和可逆网络针对的正是它。',
    },
    experiments: ['E11', 'E36', 'E38'],
  },
  {
    id: 73,
    where: [{ draft: 'AB', section: '8.3' }],
    statement: { en: 'Stability in larger models is a challenge.', zh: '难题之二：模型变大后的稳定性。' },
    assessment: 'right',
    correct: {
      en: 'The statement is right: it is about the transfer of learning rates across depth.',
      zh: '说法正确：关键在于学习率能否跨深度迁移。',
    },
    experiments: ['E28', 'E35'],
  },
  {
    id: 74,
    where: [{ draft: 'AB', section: '9.3' }],
    statement: {
      en: 'The recipe is: define the residual, define the norm, build, compile, train.',
      zh: '做法依次是：定义残差层，定义归一化层，搭建，编译，训练。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'It leaves out choices that can decide: placement, initialization and scale of the branch, final norm, learning rate and warm-up.',
      zh: '它漏掉了可能起决定作用的选择：归一化的位置、分支的初始化和缩放、末端归一化、学习率和预热。',
    },
    experiments: ['E3', 'E22', 'E24', 'E28', 'E42'],
    byReading: true,
  },
]
