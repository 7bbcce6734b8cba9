/**
 * E4: do plain convolutional nets degrade with depth, and do residual connections cure it?
 *
 * ResNets of 8, 20 and 32 layers (He et al. 2015, arXiv:1512.03385, section 4.2; 4, 8 and 16 channels in three stages) on
 * 10,000 images of Fashion-MNIST, with batch norm or group norm, each arm at the best of three rates; measured on 2,000 test
 * images. The unit is v2, x + f(x), f being norm, relu, convolution, twice; plain is f(x) alone, from the same values.
 */
import { nn, ops } from 'residua'
import * as lab from 'residua/lab'
import { higher } from './kit/rules.ts'

const channels = 4
const residual = lab.tasks.fashionMnistResnet({ width: channels, trainSize: 10_000, testSize: 2000 })
const block = (options: nn.ConvBranchOptions): nn.Block =>
  nn.branch('convolution', (s, x) => nn.convBranch(options)(s, ops.relu(x)), { changesShape: true })
const plain: typeof residual = {
  ...residual,
  name: 'fashion-mnist, plain convolutions',
  net({ depth }, wiring) {
    const blocks = [0, 1, 2].flatMap((stage) =>
      Array.from({ length: (depth - 2) / 6 }, (_, i) =>
        block(stage > 0 && i === 0 ? { stride: 2, width: channels * 2 ** stage } : {}),
      ),
    )
    const net = nn.wire(blocks, wiring, {
      embed: (s, x) =>
        nn.conv2d(channels, { bias: false })(s.in('stem'), nn.image({ height: 28, width: 28, channels: 1 })(s, x)),
      head: (s, x) => nn.linear(10, { role: 'head' })(s.in('head'), nn.globalAveragePool()(s, ops.relu(x))),
    })
    return nn.channelsFirst(net)
  },
}
const norms = { BN: 'batch', GN: { name: 'group', groups: 4 } }
const depths = [8, 20, 32]
const arms = Object.fromEntries(
  Object.entries(norms).flatMap(([name, norm]) =>
    ['plain', 'residual'].flatMap((kind) =>
      depths.map((depth) => [`${kind}-${depth}, ${name}`, { kind, norm, depth }]),
    ),
  ),
)

export default lab.experiment({
  id: 'E4',
  file: import.meta.url,
  minutes: { full: 24, short: 0.7 },
  arms,
  full: { seeds: 3, learningRates: [1e-3, 3e-3, 1e-2], steps: 300 },
  short: { seeds: 3, learningRates: [3e-3], steps: 40, arms: ['plain-8, BN', 'plain-32, BN', 'residual-32, BN'] },
  async measure({ kind, ...factors }, { train, size }) {
    const unit = kind === 'plain' ? { skip: 'none' } : { skip: 'preActivation' }
    const of = kind === 'plain' ? plain : residual
    const { state, metrics } = await train(of, { ...factors, ...unit, placement: 'preEach' }, { steps: size.steps })
    return { state, metrics }
  },
  statements: Object.fromEntries(
    Object.keys(norms).flatMap((norm): [string, lab.Statement][] => [
      [
        `degradation, ${norm}`,
        {
          says: {
            en: `With ${norm} a plain convolutional net of 8 layers is at least 1 point more accurate than one of 32.`,
            zh: `使用 ${norm} 时，8 层的普通卷积网络比 32 层的准确率至少高 1 个百分点。`,
          },
          rule: higher(`plain-8, ${norm}`, `plain-32, ${norm}`, 'accuracy', 0.01, 0.05),
          papers: { 'he-2016': 'supports' },
        },
      ],
      [
        `no degradation, ${norm}`,
        {
          says: {
            en: `With ${norm} a residual net degrades, too: 8 layers are at least 1 point more accurate than 32.`,
            zh: `使用 ${norm} 时，残差网络也会退化：8 层比 32 层的准确率至少高 1 个百分点。`,
          },
          rule: higher(`residual-8, ${norm}`, `residual-32, ${norm}`, 'accuracy', 0.01, 0.05),
          papers: { 'he-2016': 'refutes' },
        },
      ],
      [
        `cure, ${norm}`,
        {
          says: {
            en: `With ${norm} a residual net of 32 layers is at least 1 point more accurate than a plain one.`,
            zh: `使用 ${norm} 时，32 层的残差网络比普通网络的准确率至少高 1 个百分点。`,
          },
          rule: higher(`residual-32, ${norm}`, `plain-32, ${norm}`, 'accuracy', 0.01, 0.05),
          claims: { 63: 'informs' },
          papers: { 'he-2016': 'supports' },
        },
      ],
    ]),
  ),
})
