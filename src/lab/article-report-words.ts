import type { articleSettings } from './article-arms.ts'
import type { Language } from './claims/claim.ts'

type Settings = typeof articleSettings

/** What the report of the article's experiment says round its figures. */
interface Words {
  readonly title: string
  readonly columns: Readonly<
    Record<
      'arm' | 'blocks' | 'residual' | 'norm' | 'accuracy' | 'loss' | 'ratio' | 'stepMs' | 'seconds' | 'remark',
      string
    >
  >
  readonly results: string
  readonly yes: string
  readonly no: string
  readonly wirings: { readonly caption: string; readonly head: readonly string[] }
  readonly settings: {
    readonly caption: string
    readonly head: readonly string[]
    readonly rows: Readonly<
      Record<
        'data' | 'network' | 'optimizer' | 'epochs' | 'steps' | 'seed' | 'parameters' | 'versions' | 'machine' | 'time',
        string
      >
    >
    data(images: number): string
    network(settings: Settings): string
    optimizer(settings: Settings): string
    paired(seeds: string): string
  }
  readonly headings: Readonly<
    Record<'results' | 'statements' | 'training' | 'gradients' | 'settings' | 'flowchart', string>
  >
  readonly again: string
  /** What is wrong with the flowchart of the article, section 2.3. */
  readonly flowchart: readonly string[]
}

export const articleWords: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Residual connections and layer norm on MNIST, shallow and deep',
    columns: {
      arm: 'arm',
      blocks: 'blocks',
      residual: 'residual',
      norm: 'norm',
      accuracy: 'accuracy',
      loss: 'test loss',
      ratio: 'ratio',
      stepMs: 'step ms',
      seconds: 'seconds',
      remark: 'remark',
    },
    results:
      'Accuracy and loss on the test images; ratio = |dL/dx| at the input over |dL/dx| after the last block, at the step named',
    yes: 'yes',
    no: 'no',
    wirings: {
      caption:
        'The arms as they were run; a block computes the formula, LN is layer norm, F two linear layers with ReLU between',
      head: ['arm', 'block', 'wiring'],
    },
    settings: {
      caption: 'Settings, the same for every arm',
      head: ['what', 'value'],
      rows: {
        data: 'data',
        network: 'network',
        optimizer: 'optimizer',
        epochs: 'epochs',
        steps: 'steps',
        seed: 'seed',
        parameters: 'parameters',
        versions: 'versions',
        machine: 'machine',
        time: 'time of all arms',
      },
      data: (images) => `MNIST, all training images; tested on ${images} test images`,
      network: ({ width, hidden, activation }) =>
        `784 to ${width}, blocks of hidden width ${hidden} (${activation}), ${width} to 10`,
      optimizer: ({ optimizer, learningRate, batchSize }) =>
        `${optimizer}, learning rate ${learningRate}, batch size ${batchSize}`,
      paired: (seeds) => `${seeds}: same batches, same initial weights of the branches`,
    },
    headings: {
      results: 'Results',
      statements: "What the numbers say of the article's statements",
      training: 'Training',
      gradients: 'Gradients',
      settings: 'What was run',
      flowchart: 'What the flowchart gets wrong',
    },
    again: 'To run it again:',
    flowchart: [
      'Who answers "no" to the residual connection is led to a box that nothing leaves: on that path the data reach neither a layer nor an output.',
      'Who answers "yes" has the paths joined before the only layer of the chart, so nothing goes around that layer. A residual connection has to leave before the branch and to be added to what the branch gives, after it: x + F(x).',
      'Norm is asked about only behind "yes", so that norm without a residual connection, an arm of its own here, cannot be chosen at all.',
    ],
  },
  zh: {
    title: 'MNIST 上的残差连接与层归一化，浅层与深层',
    columns: {
      arm: '组',
      blocks: '块数',
      residual: '残差',
      norm: '归一化',
      accuracy: '准确率',
      loss: '测试损失',
      ratio: '梯度比',
      stepMs: '每步毫秒',
      seconds: '秒',
      remark: '备注',
    },
    results: '测试图像上的准确率与损失；梯度比 = 输入处的 |dL/dx| 除以末块之后的 |dL/dx|，在所注的步',
    yes: '有',
    no: '无',
    wirings: {
      caption: '实际运行的各组；一个块计算该公式，LN 为层归一化，F 为两个线性层，其间为 ReLU',
      head: ['组', '块', '接线'],
    },
    settings: {
      caption: '设置，各组相同',
      head: ['项目', '数值'],
      rows: {
        data: '数据',
        network: '网络',
        optimizer: '优化器',
        epochs: '轮数',
        steps: '步数',
        seed: '种子',
        parameters: '参数数',
        versions: '版本',
        machine: '机器',
        time: '各组总用时',
      },
      data: (images) => `MNIST，全部训练图像；在 ${images} 张测试图像上测试`,
      network: ({ width, hidden, activation }) =>
        `784 到 ${width}，块的隐藏宽度 ${hidden}（${activation}），${width} 到 10`,
      optimizer: ({ optimizer, learningRate, batchSize }) => `${optimizer}，学习率 ${learningRate}，批量 ${batchSize}`,
      paired: (seeds) => `${seeds}：批次相同，分支的初始权重相同`,
    },
    headings: {
      results: '结果',
      statements: '数字对文章的论断说明了什么',
      training: '训练过程',
      gradients: '梯度',
      settings: '运行了什么',
      flowchart: '流程图错在哪里',
    },
    again: '重新运行：',
    flowchart: [
      '对残差连接回答“否”的人被引到一个没有出口的方框：这条路上的数据既到不了任何层，也到不了输出。',
      '回答“是”时，两条路在图中唯一的层之前就已汇合，因此没有任何东西绕过该层。残差连接须在分支之前分出，并在分支之后加到其输出上：x + F(x)。',
      '只有回答“是”之后才问归一化，因此无法选择没有残差连接的归一化，而它在这里自成一组。',
    ],
  },
}
