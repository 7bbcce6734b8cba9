import type { Experiment } from './claim.ts'

/** E29 to E40: newer norms, skips and multipliers, reversible nets, and the protocol itself. */
export const variantExperiments: readonly Experiment[] = [
  {
    id: 'E29',
    question: {
      en: 'Do DyT and Derf beat LN and RMS only where data are scarce?',
      zh: 'DyT 和 Derf 是否只在数据少时胜过 LN 和 RMS？',
    },
    measures: {
      en: 'DyT/Derf against LN and RMS over data of 50k to 5M characters, at a fixed model.',
      zh: '模型固定，数据量从 50k 到 5M 字符，比较 DyT/Derf 与 LN、RMS。',
    },
    setting: {
      en: 'Pre-norm GPTs of 4 blocks, width 48; Moby Dick (50k, 250k and 1.1M characters); AdamW, linear decay, 2,000 steps of 8 windows of 64; 3 learning rates, 1e-3 to 4e-3; 5 seeds. Short: 3 seeds, no RMS, no 250k, 2 blocks, 200 steps, rate 4e-3.',
      zh: 'pre-norm 的 GPT，4 个块，宽度 48；《白鲸》（50k、250k、1.1M 字符）；AdamW，线性衰减，2,000 步，批大小 8，上下文 64；3 个学习率（1e-3 到 4e-3）；5 个种子。简短形式：3 个种子，不含 RMS 和 250k，2 个块，200 步，学习率 4e-3。',
    },
    rule: {
      en: 'Confirmed if DyT - LN changes its sign with the amount of data.',
      zh: '若 DyT 与 LN 之差随数据量变号，则成立。',
    },
    expectation: {
      en: 'arXiv 2604.23434: -27% at 1M tokens, +19% at 118M.',
      zh: 'arXiv 2604.23434：1M 词元时 -27%，118M 时 +19%。',
      evidence: 'v',
    },
  },
  {
    id: 'E30',
    question: {
      en: 'Are there keys that no query can select, and does a norm remove them?',
      zh: '是否存在任何查询都选不中的键，归一化能否消除？',
    },
    measures: {
      en: 'Convex hull test and the majority task: share of keys inside the hull; accuracy and steps.',
      zh: '凸包检验和多数判定任务：落在凸包内的键的比例；准确率和步数。',
    },
    setting: {
      en: '128 Gaussian keys of d = 4, 8 and 16, in float64; 1 attention head of width 16 on 3,072 sequences of 40 tokens of 10 kinds; AdamW, 600 steps of 32; 3 learning rates, 3e-3 to 3e-2; 5 seeds. Short: 3 seeds, rate 1e-2.',
      zh: '128 个高斯键，d = 4、8、16，float64；1 个宽度 16 的注意力头，3,072 个序列，每个 40 个词元，10 种；AdamW，600 步，批大小 32；3 个学习率（3e-3 到 3e-2）；5 个种子。简短形式：3 个种子，学习率 1e-2。',
    },
    expectation: {
      en: 'Gaussian keys, n = 128: d = 4 68%, d = 8 10%, d = 16 0%; after LN/RMS 0% for d >= 4.',
      zh: '高斯分布的键，n = 128：d = 4 为 68%，d = 8 为 10%，d = 16 为 0%；经 LN/RMS 后，d >= 4 时为 0%。',
      evidence: 'pilot',
    },
  },
  {
    id: 'E31',
    question: {
      en: 'How do HC and mHC compare in composite gain and diversity of streams?',
      zh: 'HC 与 mHC 的累积增益和各流的差异如何？',
    },
    measures: {
      en: 'Composite gain (max column sum) and second singular value of the product of mixing matrices.',
      zh: '混合矩阵之积的累积增益（最大列和）和第二奇异值。',
    },
    setting: {
      en: 'Float64 products of the mixing matrices of 4 streams over 12, 60 and 240 layers, each moved at random; nothing is trained; 10 seeds. Short: 5 seeds.',
      zh: '以 float64 计算 4 条流的混合矩阵之积，12、60、240 层，各矩阵随机扰动；不训练；10 个种子。简短形式：5 个种子。',
    },
    rule: {
      en: 'Confirmed if the max column sum of mHC is 1 and HC grows.',
      zh: '若 mHC 的最大列和为 1，而 HC 增长，则成立。',
    },
    expectation: {
      en: '240 layers: HC 92, mHC 1.00; second singular value of mHC 3e-9 with strong mixing: bounded, yet streams merge.',
      zh: '240 层：HC 92，mHC 1.00；强混合时 mHC 的第二奇异值为 3e-9：有界，但各流会合并。',
      evidence: 'pilot',
    },
  },
  {
    id: 'E32',
    question: { en: 'Does LN-scaling (LNS) wake up deep blocks?', zh: 'LN 缩放（LNS）能否唤醒深处的块？' },
    measures: {
      en: 'Block influence 1 - cos(x_l, x_(l+1)) and lesion; Pre, LNS, Peri, DeepNorm, Pre/sqrt(n), 900 or more steps, 3 seeds.',
      zh: '块影响力 1 - cos(x_l, x_(l+1)) 和切除；Pre、LNS、Peri、DeepNorm、Pre/sqrt(n)，至少 900 步，3 个种子。',
    },
    setting: {
      en: 'GPTs of 12 blocks, width 48; Moby Dick (1.1M characters); AdamW, linear decay, 900 steps of 8 windows of 64; 3 learning rates, 2e-3 to 8e-3; 3 seeds; each block removed in turn, 64 held-out windows. Short: 3 of 5 arms, 4 blocks, 80 steps, rate 8e-3.',
      zh: 'GPT，12 个块，宽度 48；《白鲸》（1.1M 字符）；AdamW，线性衰减，900 步，批大小 8，上下文 64；3 个学习率（2e-3 到 8e-3）；3 个种子；逐个去掉各块，用 64 个留出的窗口。简短形式：5 组中的 3 组，4 个块，80 步，学习率 8e-3。',
    },
    rule: {
      en: 'Confirmed if the lesion delta of the late half is larger for LNS than for Pre and the interval excludes 0.',
      zh: '若后半部分的切除代价 LNS 大于 Pre，且区间不含 0，则成立。',
    },
    expectation: {
      en: 'Refuted. Mean loss / mean cost of removing one of the last six blocks: LNS 2.107/0.0066, Pre 2.076/0.020, Pre/sqrt(n) 2.039/0.030, DeepNorm 1.960/0.044.',
      zh: '不成立。平均损失 / 去掉后六块之一的平均代价：LNS 2.107/0.0066，Pre 2.076/0.020，Pre/sqrt(n) 2.039/0.030，DeepNorm 1.960/0.044。',
      evidence: 'pilot',
    },
    cost: {
      en: 'An arm of 900 steps took 42 s in the pilots.',
      zh: '预实验中 900 步的一组用了 42 秒。',
    },
  },
  {
    id: 'E33',
    question: { en: 'Do activations grow massive?', zh: '激活值是否变得极大？' },
    measures: {
      en: 'max/median of |x|, and its growth with steps.',
      zh: '|x| 的最大值与中位数之比，及其随步数的增长。',
    },
    setting: {
      en: 'GPTs of 40 blocks, width 32; Moby Dick (1.1M characters); AdamW, linear decay, 750 steps of 8 windows of 64; 3 learning rates, 1e-3 to 4e-3; 3 seeds. Short: 3 of 4 arms, 6 blocks, 50 steps, rate 8e-3.',
      zh: 'GPT，40 个块，宽度 32；《白鲸》（1.1M 字符）；AdamW，线性衰减，750 步，批大小 8，上下文 64；3 个学习率（1e-3 到 4e-3）；3 个种子。简短形式：4 组中的 3 组，6 个块，50 步，学习率 8e-3。',
    },
    rule: {
      en: 'Confirmed if Pre grows over training and output norm stays bounded by its gains.',
      zh: '若 Pre 随训练增长，而输出归一化受其增益所限，则成立。',
    },
    expectation: {
      en: 'Pre on LM-D: v_last 68 to 307 in 250 steps.',
      zh: 'Pre 在 LM-D 上：250 步内 v_last 从 68 升到 307。',
      evidence: 'pilot',
    },
  },
  {
    id: 'E34',
    question: { en: 'Is the loss of residual nets less sharp?', zh: '残差网络的损失是否没有那么陡？' },
    measures: {
      en: 'Sharpness (power iteration), filter-normalized slices, the 2/LR line: lambda_max after warm-up against the learning rate.',
      zh: '尖锐度（幂迭代）、滤波器归一化切片、2/LR 线：预热后的 lambda_max 与学习率对照。',
    },
    setting: {
      en: 'MLPs of 8 blocks, width 32; 500 digits of MNIST; gradient descent on all at once, warm-up 20, at most 600 steps, until the loss is 0.1; 8 learning rates, 3e-3 to 0.4; 5 seeds. Short: 3 seeds, at most 300 steps, 3 rates from 6e-3 to 0.05.',
      zh: 'MLP，8 个块，宽度 32；MNIST 的 500 个数字图像；全批量梯度下降，预热 20 步，至多 600 步，直到损失为 0.1；8 个学习率（3e-3 到 0.4）；5 个种子。简短形式：3 个种子，至多 300 步，3 个学习率（6e-3 到 0.05）。',
    },
    expectation: { en: 'Residual below plain.', zh: '残差低于 plain。' },
  },
  {
    id: 'E35',
    question: {
      en: 'Are larger models harder to train, and do multipliers fix it?',
      zh: '更大的模型是否更难训练，分支倍率能否解决？',
    },
    measures: {
      en: 'Learning-rate grid x L {6, 12, 24, 48} x width {32, 64, 96}, branch multiplier 1, n^-1/2, n^-1: shift of the best learning rate (octaves) and width of the usable band.',
      zh: '学习率网格 × L {6，12，24，48} × 宽度 {32，64，96}，分支倍率 1、n^-1/2、n^-1：最佳学习率的移动（倍频程）和可用区间的宽度。',
    },
    setting: {
      en: 'Pre-norm GPTs of 6 and 48 blocks, width 48, or 12, width 32 and 96; Moby Dick (1.1M characters); AdamW, linear decay, 150 steps of 8 windows of 64; 6 learning rates, 5e-4 to 1.6e-2; 3 seeds. Short: 1 of 6 arms, 1 and 4 blocks, width 32, 30 steps, 3 rates.',
      zh: 'pre-norm 的 GPT，6 和 48 个块、宽度 48，以及 12 个块、宽度 32 和 96；《白鲸》（1.1M 字符）；AdamW，线性衰减，150 步，批大小 8，上下文 64；6 个学习率（5e-4 到 1.6e-2）；3 个种子。简短形式：6 组中的 1 组，1 和 4 个块，宽度 32，30 步，3 个学习率。',
    },
    rule: {
      en: 'Depth matters more than width if the shift over L exceeds the shift over d.',
      zh: '若随 L 的移动大于随 d 的移动，则深度比宽度更要紧。',
    },
    expectation: { en: 'Multiplier 1 shifts most.', zh: '倍率为 1 时移动最大。' },
  },
  {
    id: 'E36',
    question: { en: 'Is RMS norm as good as LN, and how much faster?', zh: 'RMS 归一化是否与 LN 一样好，快多少？' },
    measures: {
      en: 'Share of time and loss, paired seeds; time ratio of the norm op.',
      zh: '时间占比和损失，配对种子；归一化算子的时间比。',
    },
    setting: {
      en: 'Pre-norm GPTs of 12 blocks, width 48; Moby Dick (1.1M characters); AdamW, linear decay, 300 steps of 8 windows of 64; 4 learning rates, 2e-3 to 1.6e-2; 5 seeds; 100 timed steps, 48 norms in a row too. Short: 3 seeds, 2 blocks, 120 steps, rate 4e-3, 20 timed.',
      zh: 'pre-norm 的 GPT，12 个块，宽度 48；《白鲸》（1.1M 字符）；AdamW，线性衰减，300 步，批大小 8，上下文 64；4 个学习率（2e-3 到 1.6e-2）；5 个种子；计时 100 步，另计 48 个串联的归一化。简短形式：3 个种子，2 个块，120 步，学习率 4e-3，计时 20 步。',
    },
    rule: {
      en: 'Equal in quality if the absolute difference of the losses is below 0.02.',
      zh: '若损失之差的绝对值小于 0.02，则质量相当。',
    },
    expectation: {
      en: 'The 7-64% of the paper are dominated by RNNs.',
      zh: '论文所说的 7-64% 主要来自 RNN。',
    },
  },
  {
    id: 'E37',
    question: {
      en: 'Do newer skips beat Pre: x0 residual, value residual, U-Net skip, dense weights, depth attention?',
      zh: '较新的跳跃连接能否胜过 Pre：x0 残差、value residual、U-Net 连接、稠密权重、深度注意力？',
    },
    measures: {
      en: 'Paired difference of losses, and learned weights by depth.',
      zh: '配对的损失之差，以及学到的权重随深度的分布。',
    },
    setting: {
      en: 'Pre-norm GPTs of 12 blocks, width 48; Moby Dick (1.1M characters); AdamW, linear decay, 300 steps of 8 windows of 64; 4 learning rates, 2e-3 to 1.6e-2; 5 seeds. Short: 3 seeds, 5 of 7 arms, 2 blocks, 120 steps, rate 4e-3.',
      zh: 'pre-norm 的 GPT，12 个块，宽度 48；《白鲸》（1.1M 字符）；AdamW，线性衰减，300 步，批大小 8，上下文 64；4 个学习率（2e-3 到 1.6e-2）；5 个种子。简短形式：3 个种子，7 组中的 5 组，2 个块，120 步，学习率 4e-3。',
    },
    expectation: { en: 'Small; the interval is to be reported.', zh: '差别小；须报告置信区间。' },
  },
  {
    id: 'E38',
    question: {
      en: 'What do RevNet and momentum nets save, and at which error?',
      zh: 'RevNet 和动量网络能省多少，误差多大？',
    },
    measures: {
      en: 'Stored activations and reconstruction error: memory O(1) in L; error against depth in float32.',
      zh: '保存的激活和重建误差：内存对 L 为 O(1)；float32 下误差随深度的变化。',
    },
    setting: {
      en: 'Pre-norm stacks of 4, 16 and 64 feed-forward blocks, width 64, at initial values; memory computed for a batch of 512; reconstruction of 1 drawn vector in float32 and float64; nothing is trained; 10 seeds. Short: 3 seeds.',
      zh: '初始化时的 pre-norm 网络，4、16、64 个前馈块，宽度 64；内存按批大小 512 计算；以 float32 和 float64 重建 1 个随机向量；不训练；10 个种子。简短形式：3 个种子。',
    },
    expectation: { en: 'The growth of rounding errors is visible.', zh: '能看到舍入误差的增长。' },
  },
  {
    id: 'E39',
    question: { en: 'Which kind of shortcut is best?', zh: '哪种捷径最好？' },
    measures: {
      en: 'Identity, projection, 0.5x, gated, 1x1, dropout; order of v1 against v2.',
      zh: '恒等、投影、0.5x、门控、1x1、dropout；v1 与 v2 的次序。',
    },
    setting: {
      en: 'MLPs of 32 blocks, width 64, batch norm; MNIST, 60,000 digits; AdamW, 400 steps of 64; 3 learning rates, 3e-4 to 3e-3; 5 seeds. Short: 3 seeds, 4 of 7 arms, 60 steps, rate 1e-3.',
      zh: 'MLP，32 个块，宽度 64，批归一化；MNIST（60,000 个数字图像）；AdamW，400 步，批大小 64；3 个学习率（3e-4 到 3e-3）；5 个种子。简短形式：3 个种子，7 组中的 4 组，60 步，学习率 1e-3。',
    },
    rule: {
      en: 'Confirmed if the rank order of table 1 of He et al. 2016b comes out.',
      zh: '若得到 He 等人 2016b 表 1 的排序，则成立。',
    },
    expectation: { en: 'Identity is best at 32 or more blocks.', zh: '32 个块及以上时恒等最好。' },
  },
  {
    id: 'E40',
    question: {
      en: 'How often does the protocol find a difference where there is none?',
      zh: '本无差别时，这套规程多久误报一次？',
    },
    measures: {
      en: 'The same arm against itself, 10 seeds: false-positive rate of each verdict rule.',
      zh: '同一组与自己比较，10 个种子：每条判定规则的误报率。',
    },
    setting: {
      en: 'MLPs of 2 residual blocks, width 16, and of 12 plain ones, width 8; spiral of 3 classes, 6,075 points, 300 to test; AdamW, 180 steps of 32; 3 learning rates, 5e-3 to 2e-2; 10 seeds of 1,200 trainings a rate. Short: 3 seeds of 720, residual alone.',
      zh: 'MLP，2 个残差块、宽度 16，以及 12 个 plain 块、宽度 8；3 类螺旋（6,075 个点，测试 300 个）；AdamW，180 步，批大小 32；3 个学习率（5e-3 到 2e-2）；10 个种子，每个学习率各训练 1,200 次。简短形式：3 个种子，各 720 次，只有残差网络。',
    },
    rule: {
      en: 'A verdict rule holds if its false-positive rate is below 5%.',
      zh: '误报率低于 5% 的判定规则才可用。',
    },
    expectation: {
      en: 'It sets the number of seeds (their standard deviation: 0.003 at 1e-3, 0.02 at 8e-3).',
      zh: '它决定种子的数目（种子间标准差：1e-3 时 0.003，8e-3 时 0.02）。',
      evidence: 'pilot',
    },
  },
  {
    id: 'E41',
    question: { en: 'Is Post better than Pre where it trains?', zh: 'Post 在能训练时是否优于 Pre？' },
    measures: {
      en: 'L = 4 and 6, a grid of learning rates, 900 steps, 5 paired seeds: loss of Post minus loss of Pre.',
      zh: 'L = 4 和 6，一组学习率，900 步，5 个配对种子：Post 的损失减去 Pre 的损失。',
    },
    setting: {
      en: 'GPTs of 4 and 6 blocks, width 48; Moby Dick (1.1M characters); AdamW, linear decay, 900 steps of 8 windows of 64; 4 learning rates, 1e-3 to 8e-3; 5 seeds. Short: 3 seeds, 4 blocks, 120 steps, rate 4e-3.',
      zh: 'GPT，4 和 6 个块，宽度 48；《白鲸》（1.1M 字符）；AdamW，线性衰减，900 步，批大小 8，上下文 64；4 个学习率（1e-3 到 8e-3）；5 个种子。简短形式：3 个种子，4 个块，120 步，学习率 4e-3。',
    },
    rule: {
      en: 'Confirmed if the difference is below 0 and the interval excludes 0.',
      zh: '若差小于 0，且区间不含 0，则成立。',
    },
    expectation: {
      en: 'L = 4: Post 2.047, Pre 2.088.',
      zh: 'L = 4 时：Post 2.047，Pre 2.088。',
      evidence: 'pilot',
    },
  },
  {
    id: 'E42',
    question: { en: 'Does Pre need its final norm?', zh: 'Pre 是否需要末端归一化？' },
    measures: {
      en: 'With and without it, L = 12 and 40, a grid of learning rates: RMS of the logits at step 0, range of usable learning rates.',
      zh: '有和没有末端归一化，L = 12 和 40，一组学习率：第 0 步 logit 的 RMS，可用学习率的范围。',
    },
    setting: {
      en: 'Pre-norm GPTs of 12 blocks, width 48, and of 40, width 32; Moby Dick (1.1M characters); AdamW, linear decay, 300 steps of 8 windows of 64; 6 learning rates, 5e-4 to 1.6e-2; 3 seeds. Short: 12 blocks, 60 steps, rates 4e-3 and 8e-3.',
      zh: 'pre-norm 的 GPT，12 个块、宽度 48，以及 40 个块、宽度 32；《白鲸》（1.1M 字符）；AdamW，线性衰减，300 步，批大小 8，上下文 64；6 个学习率（5e-4 到 1.6e-2）；3 个种子。简短形式：12 个块，60 步，学习率 4e-3 和 8e-3。',
    },
    rule: {
      en: 'Confirmed if without it the RMS of the logits at step 0 is about sqrt(v_L), and the range of learning rates is narrower.',
      zh: '若去掉后第 0 步 logit 的 RMS 约为 sqrt(v_L)，且学习率范围更窄，则成立。',
    },
    expectation: { en: 'The closed form is sqrt(v_0 + gn).', zh: '闭式解为 sqrt(v_0 + gn)。' },
  },
]
