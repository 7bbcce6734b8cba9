import type { PaperResult } from './claim.ts'

/** Published results on residual connections: degradation, shortcuts, scaling, initialization, streams. */
export const residualPapers: readonly PaperResult[] = [
  {
    id: 'he-2016',
    name: 'He 2016 degradation',
    paper: { authors: 'He, Zhang, Ren, Sun', year: '2015/16', arXiv: '1512.03385' },
    published: [
      {
        en: 'Top-1 error of plain-18/34 27.94/28.54, of ResNet 27.88/25.03. CIFAR, ResNet-20/32/44/56/110/1202: 8.75/7.51/7.17/6.97/6.43/7.93.',
        zh: 'plain-18/34 的 top-1 错误率 27.94/28.54，ResNet 27.88/25.03。CIFAR 上 ResNet-20/32/44/56/110/1202：8.75/7.51/7.17/6.97/6.43/7.93。',
        evidence: 'mem',
      },
    ],
    setting: { en: 'E3 in seconds; E4 for convolutions.', zh: 'E3 只需几秒；卷积用 E4。' },
    expectation: {
      en: 'The effect is huge in training loss. The overfitting of 1202 layers is not reproducible on MNIST.',
      zh: '训练损失上效应巨大。1202 层的过拟合在 MNIST 上无法重现。',
    },
    experiments: ['E3', 'E4'],
  },
  {
    id: 'he-2016b',
    name: 'He 2016b shortcuts',
    paper: { authors: 'He et al.', year: '2016', arXiv: '1603.05027' },
    published: [
      {
        en: 'ResNet-110: identity 6.61, 0.5x 12.35, 1x1 12.22, exclusive gate 8.70, dropout fails (> 20).',
        zh: 'ResNet-110：恒等 6.61，0.5x 12.35，1x1 12.22，互斥门 8.70，dropout 失败（> 20）。',
        evidence: 'mem',
      },
      { en: '1001 layers: 7.61 to 4.92.', zh: '1001 层：从 7.61 降到 4.92。', evidence: 'mem' },
      { en: '1001 layers: 4.62 at best.', zh: '1001 层：最好 4.62。', evidence: 'v' },
    ],
    setting: { en: 'E39 at 32-64 MLP blocks.', zh: 'E39，32 到 64 个 MLP 块。' },
    expectation: { en: 'The same order, identity best.', zh: '次序相同，恒等最好。' },
    experiments: ['E39'],
  },
  {
    id: 'veit-2016',
    name: 'Veit 2016 lesions',
    paper: { authors: 'Veit et al.', year: '2016', arXiv: '1605.06431' },
    published: [
      {
        en: 'Deleting a block barely hurts ResNet-110 and ruins VGG; the gradient comes from paths of 10-34 layers.',
        zh: '删去一个块几乎不影响 ResNet-110，却毁掉 VGG；梯度来自 10 到 34 层的路径。',
        evidence: 'v',
      },
    ],
    setting: { en: 'E27.', zh: '即 E27。' },
    expectation: { en: 'Seen, with a ratio of 60.', zh: '已经看到，相差 60 倍。', evidence: 'pilot' },
    experiments: ['E27'],
  },
  {
    id: 'balduzzi-2017',
    name: 'Balduzzi 2017 shattering',
    paper: { authors: 'Balduzzi et al.', year: '2017', arXiv: '1702.08591' },
    published: [
      {
        en: 'Correlation of gradients about 2^-L plain, about 1/sqrt(L) with residual and BN.',
        zh: '梯度相关性：plain 约为 2^-L，残差加 BN 约为 1/sqrt(L)。',
        evidence: 'mem',
      },
      {
        en: 'The direction: gradients of plain nets shatter more.',
        zh: '方向：plain 网络的梯度破碎得更厉害。',
        evidence: 'v',
      },
    ],
    setting: { en: 'E26.', zh: '即 E26。' },
    expectation: {
      en: 'Seen; the arm with norm and without skip is the strongest contrast.',
      zh: '已经看到；有归一化而无跳跃连接的一组反差最大。',
      evidence: 'pilot',
    },
    experiments: ['E26'],
  },
  {
    id: 'de-smith-2020',
    name: 'BN as identity bias, SkipInit',
    paper: { authors: 'De & Smith', year: '2020', arXiv: '2002.10444' },
    published: [
      {
        en: 'BN shrinks the branch by about 1/sqrt(depth); SkipInit trains 1000 layers.',
        zh: 'BN 把分支缩小到约 1/sqrt(depth)；SkipInit 能训练 1000 层。',
        evidence: 'v',
      },
    ],
    setting: {
      en: 'E3, up to 32 blocks; how far BN shrinks a branch is not measured.',
      zh: 'E3，最深 32 个块；BN 对分支的缩小未测量。',
    },
    experiments: ['E3'],
  },
  {
    id: 'fixup-2019',
    name: 'Fixup 2019',
    paper: { authors: 'Zhang, Dauphin, Ma', year: '2019', arXiv: '1901.09321' },
    published: [{ en: '10,000 layers are trainable.', zh: '10,000 层也可训练。', evidence: 'v' }],
    setting: {
      en: 'Residual MLPs of 200 and 500 blocks, AdamW, 100 steps.',
      zh: '200 和 500 个块的残差 MLP，AdamW，100 步。',
    },
    expectation: { en: 'The loss falls in 100 steps.', zh: '损失在 100 步内下降。' },
    experiments: ['E43'],
  },
  {
    id: 'rezero-2020',
    name: 'ReZero 2020',
    paper: { authors: 'Bachlechner et al.', year: '2020', arXiv: '2003.04887' },
    published: [
      {
        en: 'A 12-layer enwik8 model reaches 1.2 bpb 56% faster; Transformers of more than 100 layers and 10,000 fully connected layers train.',
        zh: '12 层 enwik8 模型达到 1.2 bpb 快 56%；100 层以上的 Transformer 和 10,000 个全连接层都能训练。',
        evidence: 'v',
      },
    ],
    setting: { en: 'E3 for MLPs; LM-S (E22) and LM-D (E28).', zh: 'MLP 用 E3；以及 LM-S（E22）和 LM-D（E28）。' },
    expectation: {
      en: 'Slower than Pre at 1e-3 (2.53 against 2.45), faster at 8e-3 (2.29 against 2.40): the claim depends on the learning rate. LM-D trains.',
      zh: '1e-3 时比 Pre 慢（2.53 对 2.45），8e-3 时更快（2.29 对 2.40）：结论取决于学习率。LM-D 能训练。',
      evidence: 'pilot',
    },
    experiments: ['E3', 'E22', 'E28'],
  },
  {
    id: 'admin-2020',
    name: 'Liu 2020 Admin',
    paper: { authors: 'Liu et al.', year: '2020', arXiv: '2004.08249' },
    published: [
      {
        en: 'Unbalanced gradients are not the root cause; amplification is.',
        zh: '梯度不均衡不是根本原因，放大效应才是。',
        evidence: 'v',
      },
      {
        en: "Adam's updates are balanced even where gradients are not.",
        zh: '即使梯度不均衡，Adam 的更新也是均衡的。',
        evidence: 'mem',
      },
    ],
    setting: {
      en: 'The probe of the function update, over 6 to 48 blocks of a GPT, beside the balance of gradients.',
      zh: 'GPT 的 6 到 48 个块上的函数更新量探针，对照梯度的均衡程度。',
    },
    expectation: { en: 'It separates the two.', zh: '它能区分这两种原因。' },
    experiments: ['E44'],
  },
  {
    id: 'deepnet-2022',
    name: 'DeepNet 2022',
    paper: { authors: 'Wang et al.', year: '2022', arXiv: '2203.00555' },
    published: [
      {
        en: '1,000 layers; 200 layers with 3.2B beat 48 layers with 12B by 5 BLEU.',
        zh: '1,000 层；200 层 3.2B 的模型比 48 层 12B 的高 5 BLEU。',
        evidence: 'v',
      },
    ],
    setting: { en: 'LM-D without warm-up, and LM-S.', zh: '不预热的 LM-D，以及 LM-S。' },
    expectation: {
      en: 'LM-D trains without warm-up, with a ratio of 0.98 at any L; best arm of LM-S at its own learning rate, with uniform use of blocks.',
      zh: 'LM-D 不预热也能训练，任何 L 下比值均为 0.98；在 LM-S 上，各用自己的学习率时它最好，各块使用均匀。',
      evidence: 'pilot',
    },
    experiments: ['E22', 'E23', 'E28'],
  },
  {
    id: 'hyper-connections-2024',
    name: 'Hyper-connections 2024',
    paper: { authors: 'Zhu et al.', year: '2024', arXiv: '2409.19606' },
    published: [
      { en: 'OLMoE 1.8 times faster, +6 on ARC-C.', zh: 'OLMoE 快 1.8 倍，ARC-C 提高 6 分。', evidence: 'v' },
    ],
    setting: { en: 'The algebra of E31.', zh: 'E31 的代数部分。' },
    expectation: { en: 'The gain in quality is likely under noise.', zh: '质量收益很可能淹没在噪声里。' },
    experiments: ['E31'],
  },
  {
    id: 'mhc-2025',
    name: 'mHC 2025',
    paper: { authors: 'Xie et al.', year: '2025', arXiv: '2512.24880' },
    published: [
      {
        en: 'The gain of HC, about 3000, becomes about 1.6 at 27B, for 6.7% more time.',
        zh: '27B 时 HC 约 3000 的增益降到约 1.6，时间增加 6.7%。',
        evidence: '2h',
      },
    ],
    setting: { en: 'E31, exact.', zh: 'E31，精确计算。' },
    expectation: { en: 'The merging of streams is to be reported.', zh: '应报告各流的合并。' },
    experiments: ['E31'],
  },
  {
    id: 'attention-residuals-2026',
    name: 'Attention residuals 2026',
    paper: { authors: 'Kimi Team', year: '2026', arXiv: '2603.15031' },
    published: [
      {
        en: 'As good as a baseline with 1.25 times the compute; GPQA-Diamond +7.5; under 2% more latency at inference.',
        zh: '相当于用 1.25 倍算力训练的基线；GPQA-Diamond 提高 7.5 分；推理延迟增加不到 2%。',
        evidence: '2h',
      },
    ],
    setting: { en: 'E37; an arm of LM-S (E22).', zh: 'E37；LM-S 的一组（E22）。' },
    expectation: {
      en: '2.443 against 2.454 of Pre; the RMS of the stream falls instead of growing.',
      zh: '2.443，Pre 为 2.454；残差流的 RMS 不升反降。',
      evidence: 'pilot',
    },
    experiments: ['E22', 'E37'],
  },
  {
    id: 'res-former-2024',
    name: 'ResFormer 2024',
    paper: { authors: 'Zhou et al.', year: '2024', arXiv: '2410.17897' },
    published: [
      {
        en: 'The same loss with 16% fewer parameters or 20% fewer tokens.',
        zh: '损失相同，参数少 16%，或词元少 20%。',
        evidence: 'v',
      },
    ],
    setting: { en: 'E37 with paired seeds.', zh: 'E37，配对种子。' },
    expectation: { en: 'Small; the interval is to be reported.', zh: '差别小；须报告置信区间。' },
    experiments: ['E37'],
  },
]
