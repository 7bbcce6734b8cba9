import type { Experiment } from './claim.ts'
import { languageModelCost, ladderCost } from './pilots.ts'

/** E1 to E16: the article's code, formulas and everyday statements. */
export const articleExperiments: readonly Experiment[] = [
  {
    id: 'E1',
    question: { en: 'Is the code of the article broken as printed?', zh: '文章的代码照原样是否无法使用？' },
    measures: {
      en: 'The code goes through shape inference and an identity audit on 1,000 digits: the shape error, max |out - in| of its normalization, trainable parameters, free symbols.',
      zh: '让代码经过形状推断，并用 1,000 个数字图像做恒等检查：形状错误、归一化的 max |out - in|、可训练参数、未定义的符号。',
    },
    setting: {
      en: 'Shape inference on the printed layers, batch 32; NormalizationLayer on 1,000 MNIST digits, pixels 0-1 and 0-255, in float64; nothing is trained; 1 seed. Short: the same.',
      zh: '对文章代码的各层做形状推断，批大小 32；NormalizationLayer 作用于 1,000 个 MNIST 数字图像，像素 0-1 和 0-255，float64 计算；不训练；1 个种子。简短形式：相同。',
    },
    rule: {
      en: 'Confirmed if a shape error names 784 and 128, max |out - in| = 0 with 0 trainable parameters, and the free symbols are listed.',
      zh: '若形状错误指出 784 与 128，max |out - in| = 0 且可训练参数为 0，并列出未定义的符号，则成立。',
    },
    expectation: { en: 'Certain.', zh: '必然成立。' },
  },
  {
    id: 'E2',
    question: {
      en: 'Does repairing the code need a projection and a real norm?',
      zh: '修好代码是否需要投影和真正的归一化？',
    },
    measures: {
      en: '{pre-projection, width 784, projected skip} x {identity, data standardizer, input LN, hidden LN} x pixels {0-1, 0-255}, 2 epochs of MNIST: accuracy and loss at step 0.',
      zh: '{先投影，宽度 784，投影捷径} × {恒等，数据标准化，输入 LN，隐藏层 LN} × 像素 {0-1，0-255}，MNIST 训练 2 轮：准确率和第 0 步的损失。',
    },
    setting: {
      en: 'Nets of 1 residual block of 2 layers, hidden width 128, 24 arms; MNIST, 19,200 digits; AdamW, 300 steps of 64; 3 learning rates, 3e-4 to 3e-3; 3 seeds. Short: without the 8 arms of width 784, 60 steps, rate 1e-3.',
      zh: '1 个残差块的网络，块内 2 层，隐藏宽度 128，共 24 组；MNIST（19,200 个数字图像）；AdamW，300 步，批大小 64；3 个学习率（3e-4 到 3e-3）；3 个种子。简短形式：不含宽度 784 的 8 组，60 步，学习率 1e-3。',
    },
    rule: {
      en: 'Confirmed if the identity norm at 0-255 starts above 10 ln 10 and the LN arms differ by less than 1 percentage point between the pixel scales.',
      zh: '若恒等归一化在 0-255 下的初始损失大于 10 ln 10，且 LN 各组在两种像素尺度间相差不到 1 个百分点，则成立。',
    },
    expectation: { en: 'Expected to be confirmed.', zh: '预计成立。' },
    cost: ladderCost,
  },
  {
    id: 'E3',
    question: {
      en: 'Does depth degrade a net, and does a residual cure it?',
      zh: '加深是否使网络退化，残差能否治好？',
    },
    measures: {
      en: 'MLP of width 64 on MNIST and Fashion-MNIST, 2/8/16/32 blocks of 2 layers: plain, +LN, +BN, res, res/sqrt(L), pre, post, preBN, ReZero; training loss and test accuracy.',
      zh: 'MNIST 与 Fashion-MNIST 上宽 64 的 MLP，2/8/16/32 个块，每块 2 层：plain、+LN、+BN、res、res/sqrt(L)、pre、post、preBN、ReZero；训练损失和测试准确率。',
    },
    setting: {
      en: 'MLPs of 2, 8, 16 and 32 blocks of 2 layers, width 64; MNIST, 60,000 digits, training loss on 2,000; AdamW, 400 steps of 64; 3 learning rates, 3e-4 to 3e-3; 3 seeds. Short: 2 and 32 blocks, 60 steps, rate 1e-3.',
      zh: 'MLP，2、8、16、32 个块，每块 2 层，宽度 64；MNIST（60,000 个数字图像），训练损失取其中 2,000 个；AdamW，400 步，批大小 64；3 个学习率（3e-4 到 3e-3）；3 个种子。简短形式：2 和 32 个块，60 步，学习率 1e-3。',
    },
    rule: {
      en: 'Confirmed if the training loss at 32 blocks is at least 2 times that at 2 for plain, and at most 1.3 times for pre.',
      zh: '若 32 个块时的训练损失，plain 至少是 2 个块时的 2 倍，而 pre 不超过 1.3 倍，则成立。',
    },
    expectation: {
      en: 'Test accuracy (%) at 2/8/16/32: plain 92.0/88.7/57.5/49.5; +LN 92.8/90.4/10.1/10.1; +BN 93.6/87.7/39.1/13.6; res 93.1/87.4/71.7/27.3; res/sqrt(L) 92.7/92.6/92.7/92.4; pre 92.7/92.5/93.0/93.0; post 93.3/91.9/88.9/23.5; preBN 93.8/93.4/93.8/92.9; ReZero 92.2/92.4/92.8/93.3.',
      zh: '2/8/16/32 个块的测试准确率（%）：plain 92.0/88.7/57.5/49.5；+LN 92.8/90.4/10.1/10.1；+BN 93.6/87.7/39.1/13.6；res 93.1/87.4/71.7/27.3；res/sqrt(L) 92.7/92.6/92.7/92.4；pre 92.7/92.5/93.0/93.0；post 93.3/91.9/88.9/23.5；preBN 93.8/93.4/93.8/92.9；ReZero 92.2/92.4/92.8/93.3。',
      evidence: 'pilot',
    },
    cost: {
      en: 'About 45 GFLOP or 3 s for an arm of 32 blocks; under a minute in all, even in a slow engine.',
      zh: '32 个块的一组约 45 GFLOP，即 3 秒；即使引擎较慢，总计也不到一分钟。',
    },
  },
  {
    id: 'E4',
    question: {
      en: 'Does the same hold for convolutional ResNets of 8, 20 and 32 layers?',
      zh: '8、20、32 层的卷积 ResNet 是否也如此？',
    },
    measures: {
      en: 'Error on 10,000 images of Fashion-MNIST, with BN and GN, plain and residual.',
      zh: '在 Fashion-MNIST 的 10,000 张图像上，分别用 BN 和 GN，比较 plain 与残差的错误率。',
    },
    setting: {
      en: 'ResNets of 8, 20 and 32 layers, plain and residual, 4, 8 and 16 channels; Fashion-MNIST, 10,000 images, 2,000 to test; AdamW, 300 steps of 64; 3 learning rates, 1e-3 to 1e-2; 3 seeds. Short: 3 of 12 arms, BN alone, 40 steps, rate 3e-3.',
      zh: '8、20、32 层的 ResNet，plain 和残差，4、8、16 个通道；Fashion-MNIST（10,000 张图像，测试 2,000 张）；AdamW，300 步，批大小 64；3 个学习率（1e-3 到 1e-2）；3 个种子。简短形式：12 组中的 3 组，只用 BN，40 步，学习率 3e-3。',
    },
    rule: {
      en: 'Confirmed if the error of plain-32 is above that of plain-8, and that of res-32 at most that of res-8.',
      zh: '若 plain-32 的错误率高于 plain-8，而 res-32 不高于 res-8，则成立。',
    },
    cost: { en: 'About 1-3 TFLOP an arm.', zh: '每组约 1 到 3 TFLOP。' },
  },
  {
    id: 'E5',
    question: { en: 'Is R = y - L(x) circular?', zh: 'R = y - L(x) 是否循环论证？' },
    measures: {
      en: 'Autodiff of f(L(x) + (y - L(x))): gradient of w, training accuracy at step 0, test accuracy with y replaced by zeros.',
      zh: '对 f(L(x) + (y - L(x))) 自动求导：w 的梯度，第 0 步的训练准确率，测试时把 y 换成零后的准确率。',
    },
    setting: {
      en: 'Float64 arithmetic of f(L(x) + (y - L(x))), L from 784 to 10 with drawn weights, f = tanh and ReLU; 1,000 training and 1,000 test digits of MNIST a seed; nothing is trained; 3 seeds. Short: 1 seed.',
      zh: '以 float64 计算 f(L(x) + (y - L(x)))，L 从 784 维到 10 维，权重随机，f = tanh 和 ReLU；每个种子取 MNIST 的 1,000 个训练图像和 1,000 个测试图像；不训练；3 个种子。简短形式：1 个种子。',
    },
    rule: {
      en: 'Confirmed if the gradient of w is exactly 0 (relative < 1e-6), training accuracy is 100% at step 0, and zeros for y give chance at test.',
      zh: '若 w 的梯度恰为 0（相对值 < 1e-6），第 0 步训练准确率为 100%，且测试时以零代替 y 只有随机水平，则成立。',
    },
    expectation: { en: 'Certain.', zh: '必然成立。' },
  },
  {
    id: 'E6',
    question: {
      en: 'Is the same formula sound as stagewise fitting?',
      zh: '同一公式当作逐阶段拟合是否站得住？',
    },
    measures: {
      en: 'L2 stages of 16 ReLU units against 128 units trained jointly, equal passes; also block by block as in BoostResNet: residual norm per stage, accuracy.',
      zh: '每阶段 16 个 ReLU 单元的 L2 拟合，对比联合训练的 128 个单元，遍数相同；另按 BoostResNet 逐块训练：各阶段的残差范数和准确率。',
    },
    setting: {
      en: '8 stages of 16 ReLU units or 128 jointly, and residual MLPs of 8 blocks, width 32; MNIST, 8,000 digits; AdamW, linear decay, 500 steps of 64 a stage, jointly 4,000 or 500; 3 learning rates, 1e-3 to 1e-2; 5 seeds. Short: 3 seeds, half the steps, rate 3e-3.',
      zh: '每阶段 16 个 ReLU 单元，共 8 个阶段，或联合训练 128 个单元；另有 8 个块、宽度 32 的残差 MLP；MNIST（8,000 个数字图像）；AdamW，线性衰减，每阶段 500 步，批大小 64，联合训练 4,000 或 500 步；3 个学习率（1e-3 到 1e-2）；5 个种子。简短形式：3 个种子，步数减半，学习率 3e-3。',
    },
    rule: {
      en: 'Confirmed if the residual norm falls at every stage; joint training is better.',
      zh: '若每个阶段残差范数都下降，则成立；联合训练更好。',
    },
    expectation: {
      en: 'Stages 1/3/8: 88.7/91.0/91.6% on test, squared residual 0.28/0.23/0.20; joint 95.4%, 0.03.',
      zh: '第 1/3/8 阶段：测试 88.7/91.0/91.6%，残差平方 0.28/0.23/0.20；联合训练 95.4%，0.03。',
      evidence: 'pilot',
    },
    cost: ladderCost,
  },
  {
    id: 'E7',
    question: { en: 'Does the algebra of layer norm hold?', zh: '层归一化的代数性质是否成立？' },
    measures: { en: 'The relative error of each part, in float64.', zh: '以 float64 计算各部分的相对误差。' },
    setting: {
      en: 'Float64 arithmetic on 8 drawn vectors of d = 3, 16 and 64; nothing is trained; 20 seeds. Short: 5 seeds.',
      zh: '以 float64 计算，8 个随机向量，d = 3、16、64；不训练；20 个种子。简短形式：5 个种子。',
    },
    parts: {
      a: { en: 'The variance is s^2/(s^2 + eps).', zh: '方差为 s^2/(s^2 + eps)。' },
      b: { en: 'The axis.', zh: '归一化的轴。' },
      c: { en: '1/n against 1/(n - 1).', zh: '1/n 与 1/(n - 1) 之别。' },
      d: { en: 'A constant vector, d = 1, d = 2.', zh: '常数向量、d = 1、d = 2。' },
      e: {
        en: 'The backward pass is orthogonal to 1 and to x_hat; the Jacobian has rank d - 2 and all other singular values are 1/sigma (RMSNorm: rank d - 1).',
        zh: '反向与 1 及 x_hat 正交；雅可比矩阵的秩为 d - 2，其余奇异值都是 1/sigma（RMSNorm 的秩为 d - 1）。',
      },
      f: { en: 'Skew and kurtosis are unchanged.', zh: '偏度和峰度不变。' },
      g: {
        en: 'Scale invariance implies grad(aW) = grad(W)/a.',
        zh: '尺度不变性意味着 grad(aW) = grad(W)/a。',
      },
    },
    rule: { en: 'Confirmed if the relative error is below 1e-9.', zh: '若相对误差小于 1e-9，则成立。' },
    expectation: { en: 'Part e is confirmed numerically.', zh: 'e 部分已有数值验证。', evidence: 'pilot' },
  },
  {
    id: 'E8',
    question: { en: 'Does layer norm need re-tuning under shift?', zh: '数据漂移后层归一化是否需要重调？' },
    measures: {
      en: 'Trained on clean data, tested on a*x, x + b and random a, b per sample; none, LN, GN, BN (running), BN (batch), input LN: drop of accuracy.',
      zh: '用原始数据训练，在 a*x、x + b 以及逐样本随机的 a、b 上测试；none、LN、GN、BN（滑动）、BN（批次）、输入 LN：准确率的下降。',
    },
    setting: {
      en: 'Residual MLPs of 4 blocks, width 64; MNIST, 60,000 digits; AdamW, 600 steps of 64; 3 learning rates, 3e-4 to 3e-3; 5 seeds; tested on 10,000 digits as they are and changed in 4 ways. Short: 3 seeds, 150 steps, rate 1e-3.',
      zh: '残差 MLP，4 个块，宽度 64；MNIST（60,000 个数字图像）；AdamW，600 步，批大小 64；3 个学习率（3e-4 到 3e-3）；5 个种子；用 10,000 个数字图像测试，原样和 4 种改动。简短形式：3 个种子，150 步，学习率 1e-3。',
    },
    rule: {
      en: 'Refuted if the drop of LN is at most that of none and BN (running) is worst.',
      zh: '若 LN 的下降不超过 none，且 BN（滑动）最差，则不成立。',
    },
    expectation: {
      en: 'At x3 / x0.3 / +0.3 (%): none 93.9/94.3/51; LN 94.6/94.6/56; BN (running) 84.9/68.6/39; BN (batch) 94.7/94.7/94.7; input LN 93.9 everywhere.',
      zh: '×3 / ×0.3 / +0.3 时（%）：none 93.9/94.3/51；LN 94.6/94.6/56；BN（滑动）84.9/68.6/39；BN（批次）94.7/94.7/94.7；输入 LN 均为 93.9。',
      evidence: 'pilot',
    },
    cost: ladderCost,
  },
  {
    id: 'E9',
    question: { en: 'Is batch norm something other than layer norm?', zh: '批归一化与层归一化是否不同？' },
    measures: {
      en: 'Accuracy of BN, LN, GN and none at batches of 2 to 128, learning rate scaled linearly.',
      zh: '批大小 2 到 128，学习率按比例缩放：BN、LN、GN、none 的准确率。',
    },
    setting: {
      en: 'Residual MLPs of 4 blocks, width 64; 9,600 of the 60,000 digits of MNIST, once; AdamW, batches of 2, 4, 8, 32 and 128; 3 learning rates, 1e-3 to 1e-2 at batch 128, others in proportion; 3 seeds. Short: batches of 2 and 128, 2,400 digits, rate 3e-3.',
      zh: '残差 MLP，4 个块，宽度 64；MNIST 的 60,000 个数字图像中取 9,600 个，各用一次；AdamW，批大小 2、4、8、32、128；3 个学习率（批大小 128 时 1e-3 到 1e-2，其余按比例）；3 个种子。简短形式：批大小 2 和 128，2,400 个图像，学习率 3e-3。',
    },
    rule: {
      en: 'Confirmed if at batch 2 BN is at least 20 percentage points under GN, and LN and GN spread by less than 4.',
      zh: '若批大小为 2 时 BN 比 GN 低至少 20 个百分点，且 LN 和 GN 的波动不到 4 个百分点，则成立。',
    },
    expectation: {
      en: 'BN 38.5/89.5/93.2/94.1/94.3% for 2/4/8/32/128; LN 89.6-92.6; GN 90.7-92.3; none 91.9-93.8. BN of N = 2 outputs only +-1, of N = 1 only its bias.',
      zh: '批大小 2/4/8/32/128 时 BN 为 38.5/89.5/93.2/94.1/94.3%；LN 89.6-92.6；GN 90.7-92.3；none 91.9-93.8。N = 2 的 BN 只输出 ±1，N = 1 只输出偏置。',
      evidence: 'pilot',
    },
    cost: ladderCost,
  },
  {
    id: 'E10',
    question: { en: "Do the article's flowcharts work as graphs?", zh: '文章的流程图当作计算图能否运行？' },
    measures: {
      en: 'Both flowcharts are executed as graphs: is the output reached from every branch, and is there a path around the layer?',
      zh: '把两张流程图当作图来执行：每个分支能否到达输出，是否有绕过网络层的路径。',
    },
    setting: {
      en: 'Both flowcharts run as graphs under all 4 answers, in float64 on 4 drawn vectors of 8 numbers, the layer being zeros; nothing is trained; 1 seed. Short: the same.',
      zh: '两张流程图当作图执行，遍历 4 种回答，float64，4 个随机向量，每个 8 个数，网络层取零矩阵；不训练；1 个种子。简短形式：相同。',
    },
    expectation: {
      en: 'The output is not reached from D, and there are 0 skips.',
      zh: '从 D 到不了输出，跳跃连接为 0 条。',
    },
  },
  {
    id: 'E11',
    question: { en: 'Does a residual connection cost compute?', zh: '残差连接是否增加计算量？' },
    measures: {
      en: 'FLOPs and median step time with the skip on and off; identity, projection, concatenation, 4 streams.',
      zh: '有无跳跃连接时的 FLOPs 和单步时间中位数；恒等、投影、拼接、4 条流。',
    },
    setting: {
      en: 'Pre-norm GPTs of 12 blocks, width 48 and 96, without a skip and with 4 kinds; Moby Dick (1.1M characters); FLOPs counted, 40 steps of AdamW timed in turns, 8 windows of 64, rate 1e-3; 5 seeds. Short: 3 seeds, 4 blocks, width 48, 8 steps.',
      zh: 'pre-norm 的 GPT，12 个块，宽度 48 和 96，无跳跃连接，以及 4 种跳跃连接；《白鲸》（1.1M 字符）；统计 FLOPs，AdamW 轮流计时 40 步，批大小 8，上下文 64，学习率 1e-3；5 个种子。简短形式：3 个种子，4 个块，宽度 48，8 步。',
    },
    rule: {
      en: 'Refuted if identity adds less than 1% FLOPs and less than 3% time.',
      zh: '若恒等捷径增加的 FLOPs 不到 1%、时间不到 3%，则不成立。',
    },
    expectation: {
      en: '2d additions against 24d^2 FLOPs per block: 0.17% at d = 48.',
      zh: '每块 2d 次加法，对 24d^2 次浮点运算：d = 48 时为 0.17%。',
    },
  },
  {
    id: 'E12',
    question: {
      en: 'Do layer norm and residual each speed up training?',
      zh: '层归一化和残差是否各自加快训练？',
    },
    measures: {
      en: '2x2 on the MNIST MLP of width 64 and on LM-S, depth 2 and 12, each arm at the best of 5 learning rates, 3 seeds: steps to reach the loss tau = 1.1 times the best.',
      zh: '在宽 64 的 MNIST MLP 和 LM-S 上做 2×2 实验，深度 2 和 12，每组取 5 个学习率中最好的，3 个种子：达到 tau（最佳损失的 1.1 倍）所需步数。',
    },
    setting: {
      en: 'MLPs of 2 and 12 blocks, width 64; no language model; MNIST, 60,000 digits; AdamW, at most 600 steps of 64, until 10 batches average 0.5 nats; 5 learning rates, 3e-4 to 3e-2; 5 seeds. Short: 3 seeds, at most 120 steps, rates 1e-3 and 3e-3.',
      zh: 'MLP，2 和 12 个块，宽度 64；不含语言模型；MNIST（60,000 个数字图像）；AdamW，至多 600 步，批大小 64，直到 10 批的平均损失降到 0.5 nat；5 个学习率（3e-4 到 3e-2）；5 个种子。简短形式：3 个种子，至多 120 步，学习率 1e-3 和 3e-3。',
    },
    rule: {
      en: 'Confirmed per factor if the median ratio of steps is below 0.8 with an interval below 1; the interaction is reported.',
      zh: '某一因素的步数比中位数小于 0.8 且置信区间低于 1，则该因素成立；交互作用一并报告。',
    },
    expectation: { en: 'At depth 12, LN helps only with a residual.', zh: '深度 12 时，先有残差，LN 才有帮助。' },
    cost: languageModelCost,
  },
  {
    id: 'E13',
    question: { en: 'Does layer norm give stability?', zh: '层归一化是否带来稳定性？' },
    measures: {
      en: '6 learning rates x placement: sensitivity = mean over learning rates of min(loss, loss_0) - best (Wortsman 2023); also octaves within 0.1 of the best.',
      zh: '6 个学习率 × 归一化位置：敏感度 = 对各学习率的 min(loss, loss_0) 求平均，再减去最佳值（Wortsman 2023）；另计与最佳值相差 0.1 以内的倍频程数。',
    },
    setting: {
      en: 'GPTs of 12 blocks, width 48; Moby Dick (1.1M characters); AdamW, linear decay, 300 steps of 8 windows of 64; 6 learning rates, 5e-4 to 1.6e-2; 5 seeds. Short: 3 seeds, 3 of 6 arms, 4 blocks, 40 steps, 3 rates from 4e-3.',
      zh: 'GPT，12 个块，宽度 48；《白鲸》（1.1M 字符）；AdamW，线性衰减，300 步，批大小 8，上下文 64；6 个学习率（5e-4 到 1.6e-2）；5 个种子。简短形式：3 个种子，6 组中的 3 组，4 个块，40 步，3 个学习率（4e-3 起）。',
    },
    rule: {
      en: 'Confirmed if residual + norm is usable over at least 4 times more learning rate than residual/sqrt(n) alone.',
      zh: '若残差加归一化的可用学习率范围，至少是单用 residual/sqrt(n) 的 4 倍，则成立。',
    },
    expectation: {
      en: 'Confirmed. LM-S at lr 1e-3/4e-3/8e-3/1.6e-2: Pre 2.454/2.396/2.40/2.533, res/sqrt(n) without norm 2.465/2.321/2.929/NaN.',
      zh: '成立。LM-S 在学习率 1e-3/4e-3/8e-3/1.6e-2 下：Pre 2.454/2.396/2.40/2.533，无归一化的 res/sqrt(n) 2.465/2.321/2.929/NaN。',
      evidence: 'pilot',
    },
    cost: languageModelCost,
  },
  {
    id: 'E14',
    question: { en: 'Does layer norm regularize?', zh: '层归一化是否有正则化作用？' },
    measures: {
      en: 'MLP 784-128-128-10 on 500 digits, trained to 100%, with none, LN, BN or dropout 0.3, 5 seeds: test accuracy at zero training error.',
      zh: '用 500 个数字图像把 MLP 784-128-128-10 训练到 100%，分别用 none、LN、BN、dropout 0.3，5 个种子：训练误差为零时的测试准确率。',
    },
    setting: {
      en: 'MLP 784-128-128-10; 500 digits of MNIST, 10,000 to test; AdamW, at most 2,000 steps of 50, until all 500 are right; 3 learning rates, 3e-4 to 3e-3; 5 seeds. Short: 3 seeds, at most 300 steps, rate 1e-3.',
      zh: 'MLP 784-128-128-10；MNIST 的 500 个数字图像，测试 10,000 个；AdamW，至多 2,000 步，批大小 50，直到 500 个全部分对；3 个学习率（3e-4 到 3e-3）；5 个种子。简短形式：3 个种子，至多 300 步，学习率 1e-3。',
    },
    rule: {
      en: 'Confirmed if LN - none is above 2 percentage points and the interval excludes 0.',
      zh: '若 LN 比 none 高出 2 个百分点以上，且置信区间不含 0，则成立。',
    },
    expectation: {
      en: 'Expected to be refuted for LN, a small yes for dropout.',
      zh: '预计 LN 不成立，dropout 略有作用。',
    },
  },
  {
    id: 'E15',
    question: { en: 'Do skips keep information?', zh: '跳跃连接是否保留信息？' },
    measures: {
      en: 'Nets of E3 at 16 blocks and LM-D: ridge decoder from x_l to the input (2,000 to fit, 500 to test), label probe, linear CKA.',
      zh: 'E3 中 16 个块的网络和 LM-D：从 x_l 还原输入的岭回归（2,000 个拟合，500 个测试）、标签探针、线性 CKA。',
    },
    setting: {
      en: 'MLPs of 16 blocks, width 64; no language model; MNIST, 60,000 digits; AdamW, 400 steps of 64; 3 learning rates, 3e-4 to 3e-3; 5 seeds; ridge on 2,000 test digits, tested on 500. Short: 3 seeds, 2 of 5 arms, 60 steps, rate 1e-3, ridge on 400 and 200.',
      zh: 'MLP，16 个块，宽度 64；不含语言模型；MNIST（60,000 个数字图像）；AdamW，400 步，批大小 64；3 个学习率（3e-4 到 3e-3）；5 个种子；岭回归用 2,000 个测试图像拟合，500 个测试。简短形式：3 个种子，5 组中的 2 组，60 步，学习率 1e-3，岭回归用 400 个和 200 个。',
    },
    rule: {
      en: 'Confirmed if R^2 at 3/4 of the depth is higher with residual than plain by more than 0.2.',
      zh: '若在 3/4 深度处，残差的 R^2 比 plain 高出 0.2 以上，则成立。',
    },
    expectation: {
      en: 'Expected to be confirmed at initialization and after training.',
      zh: '预计在初始化时和训练后都成立。',
    },
  },
  {
    id: 'E16',
    question: { en: 'Is concatenation what a ResNet does?', zh: '拼接是否就是 ResNet 的做法？' },
    measures: {
      en: 'Sum against concatenation (growth 16) at equal parameters, 8 blocks, MNIST and Fashion-MNIST: width, parameters, activation memory, accuracy.',
      zh: '参数量相同，8 个块，MNIST 和 Fashion-MNIST，比较相加与拼接（增长 16）：宽度、参数、激活内存、准确率。',
    },
    setting: {
      en: 'Pre-norm MLPs of 8 blocks, width 64, and a sum of width 66; MNIST and Fashion-MNIST, 60,000 images each; AdamW, 400 steps of 64; 3 learning rates, 3e-4 to 3e-3; 5 seeds. Short: 3 seeds, 80 steps, rate 1e-3.',
      zh: 'pre-norm 的 MLP，8 个块，宽度 64，另有宽度 66 的相加；MNIST 和 Fashion-MNIST（各 60,000 张图像）；AdamW，400 步，批大小 64；3 个学习率（3e-4 到 3e-3）；5 个种子。简短形式：3 个种子，80 步，学习率 1e-3。',
    },
    rule: {
      en: 'Refuted if concatenation changes width and parameters for the same specification.',
      zh: '若同样的规格下拼接改变了宽度和参数量，则不成立。',
    },
    expectation: { en: 'Both learn; only the sum keeps the width.', zh: '两者都能学会；只有相加保持宽度。' },
  },
]
