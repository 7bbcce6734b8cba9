import type { PaperResult } from './claim.ts'

/** Published results on where a norm stands in a Transformer, and on what attention does without one. */
export const attentionPapers: readonly PaperResult[] = [
  {
    id: 'xiong-2020',
    name: 'Xiong 2020 Pre-LN',
    paper: { authors: 'Xiong et al.', year: '2020', arXiv: '2002.04745' },
    published: [
      {
        en: 'Post without warm-up 8.45 BLEU against about 34 (IWSLT De-En).',
        zh: '不预热的 Post 为 8.45 BLEU，对比约 34（IWSLT 德英）。',
        evidence: '2h',
      },
      {
        en: 'Gradient of the last layer O(1) for Post, O(1/sqrt(L)) for Pre; squared norm of Pre within (1 + l/2)d and (1 + 3l/2)d.',
        zh: '末层梯度 Post 为 O(1)，Pre 为 O(1/sqrt(L))；Pre 的范数平方在 (1 + l/2)d 与 (1 + 3l/2)d 之间。',
        evidence: 'mem',
      },
    ],
    setting: {
      en: 'E23 for the gradients at initialization, E28 for training without warm-up.',
      zh: '初始化时的梯度用 E23，不预热的训练用 E28。',
    },
    expectation: {
      en: 'Last FFN gradient for L = 6/12/24/48: Pre 0.67/0.45/0.31/0.28 (slope -0.42), Post 1.5/1.4/1.8/2.0 (flat). Post is stuck without warm-up at L = 12.',
      zh: 'L = 6/12/24/48 时最后一个 FFN 的梯度：Pre 0.67/0.45/0.31/0.28（斜率 -0.42），Post 1.5/1.4/1.8/2.0（平坦）。L = 12 时不预热的 Post 停滞。',
      evidence: 'pilot',
    },
    experiments: ['E23', 'E28'],
  },
  {
    id: 'b2t-2022',
    name: 'B2T 2022/23',
    paper: { authors: 'Takase et al.', year: '2022/23', arXiv: '2206.00330' },
    published: [
      { en: '18-layer En-De: 27.3 against 26.6 of Pre.', zh: '18 层英德：27.3，Pre 为 26.6。', evidence: '2h' },
      { en: 'Post diverges at 18 layers.', zh: '18 层时 Post 发散。', evidence: '2h' },
      {
        en: 'Post is better than Pre in shallow nets (six layers or fewer).',
        zh: '浅的网络（六层及以下）中 Post 优于 Pre。',
        evidence: 'v',
      },
    ],
    setting: {
      en: 'E41: 4 and 6 blocks, four learning rates, 900 steps; E28 (LM-D).',
      zh: 'E41：4 和 6 个块，四个学习率，900 步；E28（LM-D）。',
    },
    expectation: {
      en: 'The shallow part is seen (L = 4: Post 2.047, Pre 2.088); LM-D is stuck, to be reported as a matter of regime.',
      zh: '浅层部分已经看到（L = 4：Post 2.047，Pre 2.088）；LM-D 停滞，应作为适用范围问题报告。',
      evidence: 'pilot',
    },
    experiments: ['E28', 'E41'],
  },
  {
    id: 'dong-2021',
    name: 'Dong 2021 rank collapse',
    paper: { authors: 'Dong et al.', year: '2021', arXiv: '2103.03404' },
    published: [
      {
        en: 'Pure attention goes to rank 1 doubly exponentially.',
        zh: '纯注意力以双重指数的速度趋于秩 1。',
        evidence: 'v',
      },
    ],
    setting: { en: 'E25 in seconds.', zh: 'E25，几秒钟。' },
    expectation: {
      en: 'The floor of float32 is reached by layer 4.',
      zh: '第 4 层就到达 float32 的下限。',
      evidence: 'pilot',
    },
    experiments: ['E25'],
  },
  {
    id: 'noci-2022',
    name: 'Noci 2022 rank collapse and gradients',
    paper: { authors: 'Noci et al.', year: '2022', arXiv: '2206.03126' },
    published: [
      {
        en: 'Collapse of the tokens makes the gradients of queries and keys vanish at initialisation; scaling branches by depth prevents it.',
        zh: '词元塌缩使查询和键的梯度在初始化时消失；按深度缩放分支即可避免。',
        evidence: 'v',
      },
      { en: 'The scale is 1/sqrt(L).', zh: '缩放系数为 1/sqrt(L)。', evidence: 'mem' },
    ],
    setting: {
      en: 'Gradients of q and k over those of v, against token cosine, in the last attention of 2 to 32 blocks.',
      zh: '2 到 32 个块的最后一层注意力中，q、k 的梯度与 v 的梯度之比，对照词元余弦。',
    },
    experiments: ['E45'],
  },
  {
    id: 'brody-2023',
    name: 'Brody 2023 keys and layer norm',
    paper: { authors: 'Brody, Alon, Yahav', year: '2023', arXiv: '2305.02582' },
    published: [
      {
        en: 'Centring lets a query attend to all keys equally; scaling removes unselectable keys.',
        zh: '减去均值使查询能均等地注意所有键；缩放则消除选不中的键。',
        evidence: 'v',
      },
    ],
    setting: { en: 'E30: exact geometry, and the majority task.', zh: 'E30：精确的几何检验，加多数判定任务。' },
    experiments: ['E30'],
  },
  {
    id: 'wortsman-2023',
    name: 'Wortsman 2023 small-scale proxies',
    paper: { authors: 'Wortsman et al.', year: '2023', arXiv: '2309.14322' },
    published: [
      {
        en: 'At high rates attention logits grow, which QK-norm cures, and output logits diverge, which z-loss cures; small models show both.',
        zh: '学习率高时，注意力 logit 会增长（QK-norm 可治），输出 logit 会发散（z-loss 可治）；小模型上也能看到。',
        evidence: 'v',
      },
    ],
    setting: {
      en: 'E13 with the probe of the largest logit; z-loss is not tested.',
      zh: 'E13，加最大 logit 探针；未检验 z-loss。',
    },
    experiments: ['E13'],
  },
  {
    id: 'peri-ln-2025',
    name: 'Peri-LN 2025',
    paper: { authors: 'Kim et al.', year: '2025', arXiv: '2502.02732' },
    published: [
      {
        en: 'The variance of Pre grows exponentially in training, that of Peri about linearly; on average +1.9 at 400M.',
        zh: '训练中 Pre 的方差按指数增长，Peri 大致线性；400M 时平均提高 1.9。',
        evidence: '2h',
      },
    ],
    setting: {
      en: 'LM-D, to be trained 10 times longer to see them cross; E33.',
      zh: 'LM-D，须训练 10 倍步数才能看到交叉；E33。',
    },
    expectation: {
      en: 'After 250 steps v_last is 544 for Peri and 307 for Pre: the initial variance, linear in n, dominates here.',
      zh: '250 步后 v_last：Peri 544，Pre 307；此时主要由对 n 线性的初始方差决定。',
      evidence: 'pilot',
    },
    experiments: ['E33'],
  },
  {
    id: 'curse-of-depth-2025',
    name: 'Curse of depth 2025',
    paper: { authors: 'Sun et al.', year: '2025', arXiv: '2502.05795' },
    published: [
      {
        en: 'Deep Pre blocks are near the identity; LNS lowers perplexity by 5-8%.',
        zh: '深处的 Pre 块接近恒等；LNS 使困惑度降低 5% 到 8%。',
        evidence: '2h',
      },
      { en: 'LNS clashes with scaled initialization.', zh: 'LNS 与缩放初始化相冲突。', evidence: 'v' },
    ],
    setting: { en: 'E32; LM-D.', zh: '用 E32 和 LM-D。' },
    expectation: {
      en: 'v_last of 31 against 307 in LM-D, with a tie in loss; in LM-S late blocks are used less.',
      zh: 'LM-D 中 v_last 为 31，对比 307，损失持平；LM-S 中后面的块用得更少。',
      evidence: 'pilot',
    },
    experiments: ['E32'],
  },
  {
    id: 'mix-ln-2024',
    name: 'Mix-LN 2024',
    paper: { authors: 'Li, Yin, Liu', year: '2024', arXiv: '2412.13795' },
    published: [{ en: 'Beats Pre and Post, 70M to 7B.', zh: '从 70M 到 7B 都优于 Pre 和 Post。', evidence: 'v' }],
    setting: { en: 'LM-D without warm-up.', zh: '不预热的 LM-D。' },
    expectation: { en: 'It is stuck.', zh: '训练停滞。', evidence: 'pilot' },
    experiments: ['E28'],
  },
  {
    id: 'hybrid-norm-2025',
    name: 'HybridNorm 2025',
    paper: { authors: 'Zhuo et al.', year: '2025', arXiv: '2503.04598' },
    published: [{ en: 'Beats Pre.', zh: '优于 Pre。', evidence: 'v' }],
    setting: { en: 'An arm of the placement grid.', zh: '归一化位置网格中的一组。' },
    experiments: ['E22'],
  },
  {
    id: 'keel-2026',
    name: 'Keel 2026',
    paper: { authors: 'Chen & Wei', year: '2026', arXiv: '2601.19895' },
    published: [{ en: 'Post at 1000 and more layers.', zh: '1000 层以上的 Post。', evidence: 'v' }],
    setting: { en: 'An arm of LM-D.', zh: 'LM-D 的一组。' },
    expectation: {
      en: 'Closed form of the skip-only path: (1 + g/n^2)^(-n/2), which goes to 1.',
      zh: '只经跳跃连接的路径有闭式解：(1 + g/n^2)^(-n/2)，趋于 1。',
    },
    experiments: ['E28'],
  },
]
