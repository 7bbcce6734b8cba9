import type { Claim } from './claim.ts'

/** Claims 11 to 25: concepts, the flowchart, and how the two techniques are said to work. */
export const concepts: readonly Claim[] = [
  {
    id: 11,
    where: [{ draft: 'AB', section: '2.1' }],
    statement: { en: 'Extra paths let information cross layers.', zh: '增加的通路让信息可以越过若干层。' },
    assessment: 'right',
    correct: { en: 'The statement is right.', zh: '说法正确。' },
    experiments: ['E10', 'E15'],
  },
  {
    id: 12,
    where: [
      { draft: 'A', section: '2.1' },
      { draft: 'AB', section: '9.1' },
    ],
    statement: {
      en: 'With these paths the model captures complex structure better.',
      zh: '有了这些通路，模型更能把握复杂的数据结构。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'There are no new functions: x + (W - I)x = Wx, the same class. The gain is in optimization, so it is training loss that must be compared.',
      zh: '能表示的函数没有增加：x + (W - I)x = Wx，函数类相同。收益在于优化，所以要比较的是训练损失。',
    },
    experiments: ['E3', 'E6'],
  },
  {
    id: 13,
    where: [{ draft: 'AB', section: '2.2' }],
    statement: { en: "Layer normalization normalizes each layer's input.", zh: '被归一化的是各层的输入。' },
    assessment: 'imprecise',
    correct: {
      en: 'Ba et al. (2016) normalize the summed inputs of a layer, before the non-linearity: each token over its features. What it is given is a choice: the input of a sublayer (pre), the sum (post), the output (out), both input and output (peri), or queries and keys.',
      zh: 'Ba 等人（2016）归一化的是一层的加权输入之和，在非线性之前：对每个词元沿特征维。作用对象可以选择：子层的输入（pre）、求和的结果（post）、子层的输出（out）、输入和输出（peri），或者查询和键。',
    },
    experiments: ['E7', 'E22'],
    byReading: true,
  },
  {
    id: 14,
    where: [{ draft: 'AB', section: '2.3' }],
    statement: {
      en: 'A net is built as in the flowchart: use a residual connection? use layer normalization? then layer and output.',
      zh: '按流程图搭建网络：先问要不要残差，再问要不要层归一化，然后是网络层和输出。',
    },
    assessment: 'wrong',
    correct: {
      en: 'Node D, the answer "no residual", is a dead end without layer or output. Layer norm without residual can\'t be expressed. Actions are drawn as decisions. The step after the residual has no second operand.',
      zh: '“不用残差”的节点 D 是死路，后面没有层，也没有输出。“只用层归一化、不用残差”无法表达。动作被画成了判断。残差之后的那一步缺少第二个操作数。',
    },
    experiments: ['E10'],
  },
  {
    id: 15,
    where: [{ draft: 'AB', section: '2.3' }],
    statement: {
      en: 'The order is normalization, residual connection, layer.',
      zh: '次序是归一化、残差、网络层。',
    },
    assessment: 'wrong',
    correct: {
      en: 'The skip rejoins before the only layer, so nothing is skipped. An edge is needed from x to a sum after the layer.',
      zh: '跳跃连接在唯一的一层之前就汇合了，什么也没有跳过。需要一条边，从 x 连到该层之后的求和处。',
    },
    experiments: ['E10'],
  },
  {
    id: 16,
    where: [{ draft: 'B', section: '2.1(1)' }],
    statement: {
      en: 'Skips reduce the loss of information across layers.',
      zh: '有了跨层的连接，信息逐层传下去时损失更少。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'Right as far as it is measured, by how well the input can be decoded at each depth; a sum reduces the loss and does not prevent it, though B 2.1 also says that it is avoided.',
      zh: '就测得的而言正确（看每个深度上能把输入还原到什么程度）；但相加只能减少损失，并不像 B 稿 2.1 另一处所说的那样避免损失。',
    },
    experiments: ['E15'],
  },
  {
    id: 17,
    where: [{ draft: 'B', section: '2.1(2)' }],
    statement: {
      en: 'Information of lower layers is reused, which improves the model.',
      zh: '低层得到的信息可以更好地利用，模型性能因而提高。',
    },
    assessment: 'reserved',
    correct: {
      en: 'True; long skips do it more directly: x0, value residual, dense connections, attention over depth.',
      zh: '属实；长跳跃连接做得更直接：x0、value residual、稠密连接、沿深度的注意力。',
    },
    experiments: ['E15', 'E37'],
  },
  {
    id: 18,
    where: [{ draft: 'B', section: '2.1(3)' }],
    statement: {
      en: 'Information reaches lower layers directly, which eases the gradient problems.',
      zh: '信息能直达低层，梯度问题因而得到缓解。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'Activations go up; what comes down is the gradient. Said of gradients it is right: over a sum, part of the gradient reaches every lower layer unchanged.',
      zh: '激活向上走，向下走的是梯度。若指梯度则说得对：经过求和，有一部分梯度原样到达每个低层。',
    },
    experiments: ['E23'],
    byReading: true,
  },
  {
    id: 19,
    where: [{ draft: 'B', section: '2.1' }],
    statement: {
      en: 'A skip goes straight to some middle layer or to the output layer.',
      zh: '跳跃连接直通中间的某一层，或者直通最后的输出层。',
    },
    assessment: 'imprecise',
    correct: {
      en: "That is dense connections, U-Net or attention over depth; He's skip spans one block of 2 or 3 layers.",
      zh: '那是稠密连接、U-Net 或沿深度的注意力；He 等人的跳跃连接只跨一个含 2 到 3 层的块。',
    },
    experiments: ['E16', 'E37'],
    byReading: true,
  },
  {
    id: 20,
    where: [
      { draft: 'AB', section: '2.2' },
      { draft: 'B', section: '2.2(1)' },
    ],
    statement: {
      en: 'What is normalized has mean 0 and variance 1.',
      zh: '归一化之后，均值等于 0，方差等于 1。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'Right up to eps, before gain and bias: the variance is s^2/(s^2 + eps), just below 1.',
      zh: '在乘增益、加偏置之前，除 eps 外正确：方差是 s^2/(s^2 + eps)，略小于 1。',
    },
    experiments: ['E7a'],
  },
  {
    id: 21,
    where: [{ draft: 'AB', section: '3.1.1' }],
    statement: {
      en: 'The path that carries the input is called the residual path.',
      zh: '传送输入的那条通路叫作“残差路径”。',
    },
    assessment: 'imprecise',
    correct: {
      en: 'In He et al. (2015) that path is the shortcut, and the residual is the branch F(x) = H(x) - x, H being what the block is to compute. Later usage ("residual stream") gives the name to the carrying path; an API must say which it means.',
      zh: '在 He 等人（2015）那里，这条通路是捷径（shortcut），残差是分支 F(x) = H(x) - x，H 是该块要算的映射。后来的用法（“残差流”）又把这个名字给了传送输入的通路；接口必须说明指哪一个。',
    },
    experiments: [],
  },
  {
    id: 22,
    where: [{ draft: 'A', section: '3.1.1' }],
    statement: { en: 'Skipping layers makes information travel faster.', zh: '跳过几层，信息就走得更快。' },
    assessment: 'imprecise',
    correct: {
      en: 'In time nothing is gained, as the layers still run; what gets shorter, forward and backward, is the path: the shortest has no layer on it.',
      zh: '时间上没有节省，因为各层照样要运行；变短的是路径，前向和反向都是：最短的一条不经过任何层。',
    },
    experiments: ['E10', 'E11'],
  },
  {
    id: 23,
    where: [{ draft: 'AB', section: '3.1.2' }],
    statement: { en: "Mean and variance are those of each layer's input.", zh: '均值和方差取自各层的输入。' },
    assessment: 'imprecise',
    correct: {
      en: 'The axis must be stated: the features of one token, never the batch.',
      zh: '必须说明沿哪个轴：单个词元的各个特征，绝不是批次。',
    },
    experiments: ['E7b', 'E9'],
    byReading: true,
  },
  {
    id: 24,
    where: [{ draft: 'B', section: '3.1.1' }],
    statement: {
      en: 'A residual block has two fully connected layers; the output of one goes on, that of the other is concatenated with the next input.',
      zh: '残差块有两个全连接层：一个的输出往下传，另一个的输出拼到后一层的输入上。',
    },
    assessment: 'wrong',
    correct: {
      en: 'There are two (or three) stacked layers, whose output is added; concatenation is DenseNet (Huang et al. 2016), where the width grows.',
      zh: '应是两个（或三个）前后相接的层，其输出用加法并入；拼接是 DenseNet（Huang 等人，2016），宽度会增长。',
    },
    experiments: ['E16'],
    byReading: true,
  },
  {
    id: 25,
    where: [{ draft: 'B', section: '3.1.1' }],
    statement: { en: 'Concatenation avoids a loss of information.', zh: '拼接可以避免信息丢失。' },
    assessment: 'imprecise',
    correct: {
      en: 'True of concatenation; but it is a different design, with width d + k*l after l blocks of growth k.',
      zh: '对拼接来说属实；但那是另一种设计，l 个块、每块增长 k 之后，宽度为 d + k*l。',
    },
    experiments: ['E16'],
  },
]
