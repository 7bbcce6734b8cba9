import type { PaperResult } from './claim.ts'

/** Published results on what a norm computes: its statistics, its backward pass, and what may replace it. */
export const normPapers: readonly PaperResult[] = [
  {
    id: 'xu-2019',
    name: 'Xu 2019 understanding layer norm',
    paper: { authors: 'Xu et al.', year: '2019', arXiv: '1911.07013' },
    published: [
      {
        en: 'Gain and bias do not help in most cases: without them LN is better on 4 data sets; the derivatives of the statistics matter more than the forward pass.',
        zh: '增益和偏置在多数情况下没有帮助：不带它们的 LN 在 4 个数据集上更好；统计量的导数比前向归一化更重要。',
        evidence: 'v',
      },
    ],
    setting: {
      en: 'LN against LN without gain and bias, and that against detached LN, the negative control (forward normalized, backward not), on text and digits.',
      zh: '在文本和手写数字上：LN 与不带增益和偏置的 LN 比较，后者再与统计量不回传梯度的 LN（阴性对照：前向归一化，反向没有）比较。',
    },
    experiments: ['E46'],
  },
  {
    id: 'santurkar-2018',
    name: 'Santurkar 2018 covariate shift',
    paper: { authors: 'Santurkar et al.', year: '2018', arXiv: '1805.11604' },
    published: [
      {
        en: 'BN does not reduce covariate shift; it smooths the loss.',
        zh: 'BN 并不减少协变量偏移，而是使损失更平滑。',
        evidence: 'v',
      },
    ],
    setting: { en: 'An arm of noisy BN, with the probe of predictiveness.', zh: '加噪声的 BN 一组，配可预测性探针。' },
    experiments: ['E47'],
  },
  {
    id: 'group-norm-2018',
    name: 'Group norm 2018',
    paper: { authors: 'Wu & He', year: '2018', arXiv: '1803.08494' },
    published: [
      {
        en: 'At batch 2 the error of GN is 10.6 percentage points below that of BN.',
        zh: '批大小为 2 时，GN 的错误率比 BN 低 10.6 个百分点。',
        evidence: 'v',
      },
    ],
    setting: { en: 'E9.', zh: '即 E9。' },
    expectation: {
      en: '52 percentage points at batch 2 on the MNIST MLP.',
      zh: 'MNIST MLP 上，批大小为 2 时相差 52 个百分点。',
      evidence: 'pilot',
    },
    experiments: ['E9'],
  },
  {
    id: 'rms-norm-2019',
    name: 'RMS norm 2019',
    paper: { authors: 'Zhang & Sennrich', year: '2019', arXiv: '1910.07467' },
    published: [{ en: 'Comparable quality in 7-64% less time.', zh: '质量相当，时间少 7% 到 64%。', evidence: 'v' }],
    setting: { en: 'E36.', zh: '即 E36。' },
    expectation: {
      en: 'A tie in quality (2.445 against 2.454); less time in the norm op only, a few % of a step.',
      zh: '质量持平（2.445 对 2.454）；只有归一化算子更快，占一步的百分之几。',
      evidence: 'pilot',
    },
    experiments: ['E36'],
  },
  {
    id: 'dyt-2025',
    name: 'DyT 2025',
    paper: { authors: 'Zhu, Chen, He, LeCun, Liu', year: '2025', arXiv: '2503.10622' },
    published: [
      { en: 'ViT-B: 82.3 with LN, 82.5 with DyT.', zh: 'ViT-B：LN 为 82.3，DyT 为 82.5。', evidence: 'v' },
      { en: 'Equal loss for LLaMA-7B.', zh: 'LLaMA-7B 的损失相同。', evidence: 'mem' },
    ],
    setting: { en: 'LM-S; E29 for the change of regime.', zh: 'LM-S；数据量的影响用 E29。' },
    expectation: {
      en: '2.484 against 2.454 of LN at 1e-3, on the plateau at 8e-3.',
      zh: '1e-3 时 2.484，LN 为 2.454；8e-3 时停在平台上。',
      evidence: 'pilot',
    },
    experiments: ['E22', 'E29'],
  },
  {
    id: 'derf-2025',
    name: 'Derf 2025',
    paper: { authors: 'Chen et al.', year: '2025', arXiv: '2512.10938' },
    published: [
      {
        en: 'ViT-B 82.8; DiT FID 43.94 against 45.91.',
        zh: 'ViT-B 82.8；DiT 的 FID 43.94，对比 45.91。',
        evidence: 'v',
      },
      { en: 'Parity on GPT-2, 2.94.', zh: 'GPT-2 上持平，2.94。', evidence: '2h' },
    ],
    setting: { en: 'An arm of E29.', zh: 'E29 的一组。' },
    expectation: { en: 'As DyT, slightly better.', zh: '与 DyT 相仿，略好。' },
    experiments: ['E29'],
  },
  {
    id: 'ngpt-2024',
    name: 'nGPT 2024',
    paper: { authors: 'Loshchilov et al.', year: '2024', arXiv: '2410.01131' },
    published: [
      {
        en: '4-20 times fewer steps, the more the longer the context (1k to 8k tokens).',
        zh: '步数只需 4-20 分之一，上下文越长（1k 到 8k）减少越多。',
        evidence: 'v',
      },
    ],
    setting: {
      en: 'Arms of nGPT with as many, half and a quarter of the steps of pre-norm, at a context of 64 characters; time is reported too.',
      zh: '步数与 pre-norm 相同、为其一半和四分之一的 nGPT 各一组，上下文为 64 个字符；时间一并报告。',
    },
    experiments: ['E48'],
  },
]
