import type { Experiment } from './claim.ts'
import { languageModelCost, ladderCost, scanCost } from './pilots.ts'

/** E22 to E28: what makes a deep net trainable. */
export const depthExperiments: readonly Experiment[] = [
  {
    id: 'E22',
    question: { en: 'Which placements train LM-S, and how well?', zh: '哪些归一化位置能训练 LM-S，效果如何？' },
    measures: {
      en: 'All placements on LM-S, 3 paired seeds: gap closed = (u - loss)/(u - best), u the unigram cross-entropy.',
      zh: '在 LM-S 上比较所有归一化位置，3 个配对种子：已缩小的差距 = (u - loss)/(u - best)，u 是一元交叉熵。',
    },
    setting: {
      en: 'GPTs of 12 blocks, width 48; Moby Dick (1.1M characters); AdamW, linear decay, 300 steps of 8 windows of 64; 3 learning rates, 1e-3 to 8e-3; 3 seeds. Short: 5 of 28 arms, 4 blocks, 100 steps, rate 4e-3.',
      zh: 'GPT，12 个块，宽度 48；《白鲸》（1.1M 字符）；AdamW，线性衰减，300 步，批大小 8，上下文 64；3 个学习率（1e-3 到 8e-3）；3 个种子。简短形式：28 组中的 5 组，4 个块，100 步，学习率 4e-3。',
    },
    expectation: {
      en: 'Validation nats at lr 1e-3 (u 3.11, bigram 2.45): plain 3.088, plain+pre 3.087, residual without norm 3.087, Post 3.086; res/sqrt(n) 2.465, Pre 2.454, Pre/sqrt(n) 2.478, Peri 2.466, Out 2.544, Out+QK 2.460, DeepNorm 2.469, LNS 2.475, ReZero 2.530, LayerScale(1e-2) 2.561, learned scalars 2.445, B2T 2.443, Mix-LN 2.489, parallel 2.438, AttnRes 2.443, highway (bias -2) 2.403.',
      zh: '学习率 1e-3 时的验证损失（nat；u 3.11，二元 2.45）：plain 3.088，plain+pre 3.087，无归一化的残差 3.087，Post 3.086；res/sqrt(n) 2.465，Pre 2.454，Pre/sqrt(n) 2.478，Peri 2.466，Out 2.544，Out+QK 2.460，DeepNorm 2.469，LNS 2.475，ReZero 2.530，LayerScale(1e-2) 2.561，可学习标量 2.445，B2T 2.443，Mix-LN 2.489，parallel 2.438，AttnRes 2.443，highway（偏置 -2）2.403。',
      evidence: 'pilot',
    },
    cost: languageModelCost,
  },
  {
    id: 'E23',
    question: {
      en: 'Do stream and gradient at initialization follow the exact laws?',
      zh: '初始化时残差流和梯度是否符合精确规律？',
    },
    measures: {
      en: 'L = 6 to 96 without training: v_l, the ratio |dLoss/dx_0| / |dLoss/dx_last|, gradient norm of W per layer; exponents against the closed forms.',
      zh: 'L = 6 到 96，不训练：v_l、比值 |dLoss/dx_0| / |dLoss/dx_last|、各层 W 的梯度范数；指数与闭式解对照。',
    },
    setting: {
      en: 'Stacks of 6 to 96 feed-forward branches, width 64; transformers of 6 to 48 blocks, width 32, 16 tokens; Gaussian input, a random direction as loss, 8 draws a seed; nothing is trained; 5 seeds. Short: 3 seeds, depths to 24.',
      zh: '6 到 96 个前馈分支，宽度 64；6 到 48 个块的 transformer，宽度 32，16 个词元；高斯输入，损失取随机方向，每个种子抽样 8 次；不训练；5 个种子。简短形式：3 个种子，深度至多 24。',
    },
    expectation: {
      en: 'Ratio at L = 6/12/24/48: Pre 3.5/3.8/7.2/10, Peri 5.7/5.8/11/19, LNS 2.1/2.0/2.5/2.6, DeepNorm 0.99/0.98/0.98/0.98, Post 1.4/1.6/1.6/1.9, Out 12/40/394/4e4, Out+QK 5.3/5.3/10/20, none 2e4/3e6/8e9/overflow.',
      zh: 'L = 6/12/24/48 时的比值：Pre 3.5/3.8/7.2/10，Peri 5.7/5.8/11/19，LNS 2.1/2.0/2.5/2.6，DeepNorm 0.99/0.98/0.98/0.98，Post 1.4/1.6/1.6/1.9，Out 12/40/394/4e4，Out+QK 5.3/5.3/10/20，none 2e4/3e6/8e9/溢出。',
      evidence: 'pilot',
    },
    cost: scanCost,
  },
  {
    id: 'E24',
    question: {
      en: 'Do Post-LN gradients vanish at initialization, and after collapse?',
      zh: 'Post-LN 的梯度在初始化时消失吗？塌缩之后呢？',
    },
    measures: {
      en: 'Log ratio and token cosine at steps 0, 2, 5, ... 160.',
      zh: '第 0、2、5……160 步的比值对数和词元余弦。',
    },
    setting: {
      en: 'GPTs of 32 blocks, width 48, embedding norm, Glorot initialization; Moby Dick (1.1M characters); AdamW, warm-up 0 or 100, 161 steps of 8 windows of 64; 3 learning rates, 5e-4 to 8e-3; 8 seeds. Short: no warm-up, windows of 32, 41 steps, rate 2e-3.',
      zh: 'GPT，32 个块，宽度 48，嵌入归一化，Glorot 初始化；《白鲸》（1.1M 字符）；AdamW，预热 0 或 100，161 步，批大小 8，上下文 64；3 个学习率（5e-4 到 8e-3）；8 个种子。简短形式：不预热，上下文 32，41 步，学习率 2e-3。',
    },
    rule: {
      en: 'The first is refuted if the ratio at step 0 lies in [0.3, 5]; the second is confirmed if the ratio at step 40 is below 1e-4 with a cosine above 0.999 at L = 32.',
      zh: '若第 0 步的比值在 [0.3, 5] 内，则前者不成立；若 L = 32 时第 40 步的比值小于 1e-4 且余弦大于 0.999，则后者成立。',
    },
    expectation: {
      en: 'So it is: at L = 32, lr 2e-3, the ratio goes from 1.29 to 3e-4 by step 5 and 4e-8 by step 160, with a mean cosine of 1.000.',
      zh: '确实如此：L = 32、学习率 2e-3 时，比值从 1.29 降到第 5 步的 3e-4 和第 160 步的 4e-8，平均余弦为 1.000。',
      evidence: 'pilot',
    },
  },
  {
    id: 'E25',
    question: { en: 'Does the rank of pure attention collapse?', zh: '纯注意力的秩是否塌缩？' },
    measures: { en: 'r = norm(X - mean)/norm(X) by layer.', zh: '各层的 r = norm(X - mean)/norm(X)。' },
    setting: {
      en: '32 layers of attention alone, width 64, 4 heads, on 32 Gaussian tokens, at initial values, in float64; nothing is trained; 10 seeds. Short: 5 seeds.',
      zh: '初始化时的 32 层纯注意力，宽度 64，4 个头，32 个高斯词元，float64；不训练；10 个种子。简短形式：5 个种子。',
    },
    rule: {
      en: 'Confirmed if r < 1e-6 by layer 4 without skip, and > 0.2 at 32 with Pre.',
      zh: '若无跳跃连接时第 4 层前 r < 1e-6，而 Pre 在第 32 层 r > 0.2，则成立。',
    },
    expectation: {
      en: '0.79/0.026/1e-7 at layers 1/2/4; at 32: Pre 0.22, scaled 0.97, Post 2e-4.',
      zh: '第 1/2/4 层为 0.79/0.026/1e-7；第 32 层：Pre 0.22，缩放 0.97，Post 2e-4。',
      evidence: 'pilot',
    },
    cost: scanCost,
  },
  {
    id: 'E26',
    question: { en: 'Do gradients shatter with depth?', zh: '梯度是否随深度破碎？' },
    measures: {
      en: 'A grid of scalar inputs: autocorrelation of gradients at lag 1, 30 seeds.',
      zh: '标量输入网格：滞后 1 的梯度自相关，30 个种子。',
    },
    setting: {
      en: 'Nets of 2, 8, 24 and 50 relu layers, width 200, on a scalar input at 256 points from -2 to 2, at initial values; nothing is trained; 30 seeds. Short: 8 seeds, 2 and 24 layers.',
      zh: '初始化时的网络，2、8、24、50 个 relu 层，宽度 200，标量输入，取 -2 到 2 之间的 256 个点；不训练；30 个种子。简短形式：8 个种子，2 和 24 层。',
    },
    rule: {
      en: 'Confirmed if res/sqrt(L) is above 0.9 and plain+LN below 0.1 at 24 layers.',
      zh: '若 24 层时 res/sqrt(L) 大于 0.9，plain+LN 小于 0.1，则成立。',
    },
    expectation: {
      en: 'At 2/8/24/50 layers: plain 0.94/0.82/0.76/0.58; +LN 0.91/0.48/0.00/0.02; res/sqrt(L) 0.96/0.95/0.93/0.95; pre 0.94/0.90/0.87/0.83.',
      zh: '2/8/24/50 层时：plain 0.94/0.82/0.76/0.58；+LN 0.91/0.48/0.00/0.02；res/sqrt(L) 0.96/0.95/0.93/0.95；pre 0.94/0.90/0.87/0.83。',
      evidence: 'pilot',
    },
    cost: scanCost,
  },
  {
    id: 'E27',
    question: { en: 'What does it cost to drop one block at test?', zh: '测试时去掉一个块，损失多大？' },
    measures: {
      en: 'Lesion: drop of accuracy with one block removed, plain and residual.',
      zh: '切除实验：去掉一个块后准确率的下降，比较 plain 与残差。',
    },
    setting: {
      en: 'MLPs of 8 and 12 blocks, width 64; MNIST, 60,000 digits; AdamW, 400 steps of 64; 3 learning rates, 3e-4 to 3e-3; 5 seeds; each block removed in turn, 2,000 test digits. Short: 3 seeds, 100 steps, rate 1e-3.',
      zh: 'MLP，8 和 12 个块，宽度 64；MNIST（60,000 个数字图像）；AdamW，400 步，批大小 64；3 个学习率（3e-4 到 3e-3）；5 个种子；逐个去掉各块，用 2,000 个测试图像。简短形式：3 个种子，100 步，学习率 1e-3。',
    },
    rule: {
      en: 'Confirmed if the mean drop of accuracy of plain is above 10 times that of residual.',
      zh: '若 plain 的准确率平均下降超过残差的 10 倍，则成立。',
    },
    expectation: {
      en: 'plain+BN (8 blocks) 0.77; 12 blocks: post 0.12, pre 0.08 (first block 0.63, last six about 0), res/sqrt(L) 0.013, ReZero 0.004.',
      zh: 'plain+BN（8 个块）0.77；12 个块：post 0.12，pre 0.08（首块 0.63，后六块约为 0），res/sqrt(L) 0.013，ReZero 0.004。',
      evidence: 'pilot',
    },
    cost: ladderCost,
  },
  {
    id: 'E28',
    question: {
      en: 'Is it so that 48 layers diverge, and which placement, warm-up and initialization train?',
      zh: '48 层真会发散吗？怎样的归一化位置、预热和初始化能训练？',
    },
    measures: {
      en: 'Placement x warm-up {0, 60} x initialization on LM-D: who leaves the plateau.',
      zh: '在 LM-D 上比较归一化位置 × 预热 {0，60} × 初始化：谁能离开平台。',
    },
    setting: {
      en: 'GPTs of 40 blocks, width 32; Moby Dick (1.1M characters); AdamW, linear decay, warm-up 0 or 60, at most 250 steps of 8 windows of 64; 3 learning rates, 5e-4 to 8e-3; 3 seeds. Short: 3 of 20 arms, no warm-up, 8 blocks, 100 steps, rate 8e-3.',
      zh: 'GPT，40 个块，宽度 32；《白鲸》（1.1M 字符）；AdamW，线性衰减，预热 0 或 60，至多 250 步，批大小 8，上下文 64；3 个学习率（5e-4 到 8e-3）；3 个种子。简短形式：20 组中的 3 组，不预热，8 个块，100 步，学习率 8e-3。',
    },
    rule: {
      en: 'An arm leaves the plateau if its loss is below u - 0.3 by step 250.',
      zh: '若某组在第 250 步前损失低于 u - 0.3，则算离开平台。',
    },
    expectation: {
      en: 'Without warm-up stuck: Post 3.079, B2T 3.080, Mix-LN 3.079, plain+pre 3.081; trained: res/sqrt(n) 2.453, ReZero 2.457, Pre 2.479, LNS 2.482, Peri 2.487, Out+QK 2.508, DeepNorm 2.508 (LNS, Out+QK and DeepNorm cut short). With warm-up 60 the same four are stuck (3.08-3.09), the others at 2.47-2.50.',
      zh: '无预热时停滞：Post 3.079，B2T 3.080，Mix-LN 3.079，plain+pre 3.081；能训练：res/sqrt(n) 2.453，ReZero 2.457，Pre 2.479，LNS 2.482，Peri 2.487，Out+QK 2.508，DeepNorm 2.508（LNS、Out+QK 和 DeepNorm 提前截断）。预热 60 步时，停滞的仍是这四组（3.08-3.09），其余为 2.47-2.50。',
      evidence: 'pilot',
    },
  },
]
