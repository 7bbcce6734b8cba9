import type { Experiment } from './claim.ts'

/** E17 to E21: what the article says of applications; they wait for these. */
export const applicationExperiments: readonly Experiment[] = [
  {
    id: 'E17',
    question: { en: 'Does it help text classification?', zh: '对文本分类有帮助吗？' },
    measures: {
      en: 'SpamAssassin, byte-level BPE of 1k, T = 128, encoder of d = 48 with mean pooling, 1/6/12 blocks, 2x2 residual x LN, 3 epochs, split disjoint by sender and thread, bag-of-words logistic baseline: AUC and F1, interval by a bootstrap of 1,000 samples.',
      zh: 'SpamAssassin，1k 的字节级 BPE，T = 128，d = 48 的编码器加平均池化，1/6/12 个块，残差 × LN 的 2×2 实验，3 轮，按发件人和会话划分，词袋逻辑回归为基线：AUC 和 F1，用 1,000 次自助抽样求区间。',
    },
    rule: {
      en: 'Confirmed if both on beats both off with an interval above 0.',
      zh: '若两者都开优于两者都关，且区间高于 0，则成立。',
    },
    expectation: {
      en: 'No gap at 1 block; both off at chance at 12; the baseline may win.',
      zh: '1 个块时没有差距；12 个块时两者都关只有随机水平；基线可能胜出。',
    },
    pending: { en: 'It waits for the text classification application.', zh: '等待文本分类应用。' },
  },
  {
    id: 'E18',
    question: { en: 'Does it help translation?', zh: '对机器翻译有帮助吗？' },
    measures: {
      en: 'CLDR emoji names or compiler diagnostics, one pair, characters or BPE of 2k, encoder-decoder of d = 64, 2/6/12 blocks, Pre/Post/DeepNorm/none, warm-up 0 or 100, about 2k steps: chrF and exact match on held-out ids (no id in two splits).',
      zh: 'CLDR 表情名称或编译器诊断，一个语言对，字符或 2k 的 BPE，d = 64 的编码器-解码器，2/6/12 个块，Pre/Post/DeepNorm/none，预热 0 或 100，约 2k 步：留出条目上的 chrF 和完全匹配率（同一条目不跨划分）。',
    },
    rule: { en: 'Confirmed against none at 6 blocks.', zh: '在 6 个块时与 none 比较，判断是否成立。' },
    expectation: {
      en: 'Post at 12 blocks without warm-up stays on the plateau.',
      zh: '12 个块的 Post 在没有预热时停在平台上。',
    },
    pending: { en: 'It waits for the translation application.', zh: '等待翻译应用。' },
  },
  {
    id: 'E19',
    question: { en: 'Does it help image classification?', zh: '对图像分类有帮助吗？' },
    measures: {
      en: '10,000 images of Fashion-MNIST, 3x3 convolutions of 16 channels, 4/12 blocks, 2x2 with BN/GN/LN, 3 epochs: accuracy with interval, and the gap by depth.',
      zh: 'Fashion-MNIST 的 10,000 张图像，16 通道的 3×3 卷积，4/12 个块，配 BN/GN/LN 的 2×2 实验，3 轮：准确率及区间，差距随深度的变化。',
    },
    expectation: {
      en: 'About 0 at 4 blocks, more than 5 percentage points at 12.',
      zh: '4 个块时约为 0，12 个块时超过 5 个百分点。',
    },
    pending: { en: 'It waits for the image classification application.', zh: '等待图像分类应用。' },
  },
  {
    id: 'E20',
    question: { en: 'Does it help detection?', zh: '对目标检测有帮助吗？' },
    measures: {
      en: 'One digit (20-36 px) on 64x64 with clutter strokes, convolutional trunk of 4/12 blocks, heads for box (4) and class (10): mean IoU, and accuracy at IoU >= 0.5, on 1,000 scenes, with interval.',
      zh: '64×64 画面上一个数字（20-36 像素）加干扰笔画，4/12 个块的卷积主干，框（4）和类别（10）两个输出头：在 1,000 个场景上的平均 IoU 和 IoU >= 0.5 的准确率，附区间。',
    },
    expectation: {
      en: 'A gap only at 12 blocks; to be labelled a proxy for detection.',
      zh: '只有 12 个块时才有差距；须注明这只是检测的替代任务。',
    },
    pending: { en: 'It waits for the localization application.', zh: '等待定位应用。' },
  },
  {
    id: 'E21',
    question: { en: 'Does it help speech?', zh: '对语音识别有帮助吗？' },
    measures: {
      en: 'Spoken digits, 8 kHz, 40 log-mel bands x at most 64 frames, 2 convolutions and a Transformer of d = 48, 2/8 blocks, leave-speaker-out: accuracy by held-out speaker with interval; clean against +10 dB gain (input LN/RMS against none).',
      zh: '口读数字，8 kHz，40 个对数梅尔频带 × 至多 64 帧，2 层卷积加 d = 48 的 Transformer，2/8 个块，留出说话人：按留出说话人的准确率及区间；原声对比增益 +10 dB（输入 LN/RMS 对比 none）。',
    },
    expectation: {
      en: 'A gap by depth at 8 blocks; LN wins under the change of gain.',
      zh: '8 个块时出现深度差距；增益改变时 LN 胜出。',
    },
    pending: { en: 'It waits for the speech application.', zh: '等待语音应用。' },
  },
]
