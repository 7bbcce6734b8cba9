/**
 * E1: is the code of the article broken as printed?
 *
 * Its two layers and its net are traced operation by operation, in batches of 32; its NormalizationLayer gets 1,000 digits
 * of MNIST, as pixels from 0 to 1 and from 0 to 255. Names that are read before anything defines them are found in the
 * printed statements. Both drafts print the same code.
 */
import { evaluate, graph, input, type Layer, nn, ops, simplify, tensor, trace } from 'residua'
import * as lab from 'residua/lab'
import { digits } from './kit/digits.ts'
import { shapeClash } from './kit/shape-clash.ts'
import { deterministic } from './kit/statements.ts'

const defined = ['tf', 'Layer', 'Dense', 'Flatten', 'Model', 'ResidualLayer', 'NormalizationLayer', 'print']
const script = [
  'inputs = tf.keras.Input(shape=(784,))',
  'x = NormalizationLayer()(inputs)',
  'x = ResidualLayer(128)(x)',
  'x = Flatten()(x)',
  "outputs = Dense(10, activation='softmax')(x)",
  'model = Model(inputs=inputs, outputs=outputs)',
  "model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])",
  'model.fit(x_train, y_train, epochs=10, batch_size=32)',
  'loss, accuracy = model.evaluate(x_test, y_test)',
  'print(f"Test accuracy: {accuracy}")',
]

const normalizationLayer: Layer = (s, x) => {
  const features = x.shape.slice(1)
  return ops.div(ops.sub(x, s.state('mean', features, nn.zeros)), s.state('std', features, nn.ones))
}
const residualLayer =
  (units: number): Layer =>
  (s, x) => {
    const hidden = ops.relu(nn.linear(units)(s.in('dense'), x))
    return ops.add(x, nn.linear(units)(s.in('dense2'), hidden))
  }
const net = nn.sequential(normalizationLayer, residualLayer(128), nn.flatten(), nn.linear(10))

/** What the statements read, attributes, keywords and strings aside, before it is defined. */
function undefinedNames(statements: readonly string[]): string[] {
  const known = new Set(defined)
  return statements.flatMap((statement) => {
    const [, left = '', right = ''] = /^(?:([\w, ]+) = )?(.*)$/.exec(statement)!
    const read = right.replaceAll(/f?(["']).*?\1/g, '').match(/(?<![\w.])[a-zA-Z_]\w*(?![\w=])/g) ?? []
    const missing = read.filter((name) => !known.has(name))
    for (const name of left.split(', ')) known.add(name)
    return missing
  })
}

const operations = (layer: Layer): string[] =>
  simplify(graph({ output: trace(layer, 'float32', [32, 128]).output })).nodes.map(({ op }) => op!.name)

export default lab.experiment({
  id: 'E1',
  file: import.meta.url,
  minutes: { full: 0.1, short: 0.1 },
  arms: { 'pixels 0-1': { scale: 1 }, 'pixels 0-255': { scale: 255 } },
  full: { seeds: 1 },
  short: { seeds: 1 },
  async measure({ scale }) {
    const { pixels } = await digits('train', 0, 1000)
    const { input: x, output: y, parameters, states } = trace(normalizationLayer, 'float32', pixels.shape)
    const change = graph({ change: ops.max(ops.abs(ops.sub(y, x))) })
    const scaled = Float64Array.from(pixels.data, (pixel) => pixel * scale)
    const start = { mean: tensor(new Float32Array(784)), std: tensor(new Float32Array(784).fill(1)) }
    const vector = input('vector', 'float32', [32, 10])
    const [labels, weight] = [input('labels', 'float32', [32]), input('weight', 'float32', [10])]
    const linear = ops.sum(ops.mul(vector, weight), [1])
    return {
      'number of shape errors that name 784 and 128': shapeClash(784, 128, () => trace(net, 'float32', [32, 784])),
      'largest change of a pixel': evaluate(change, { inputs: tensor(scaled, pixels.shape), ...start }).change!
        .data[0]!,
      'number of tensors that training changes':
        parameters.size + [...states.values()].filter(({ next }) => next !== null).length,
      'number of operations in Flatten': operations(nn.flatten()).length,
      'operations in which ResidualLayer is not Dense, ReLU, Dense, sum': operations(residualLayer(128)).filter(
        (name, i) => name !== ['gemm', 'relu', 'gemm', 'add'][i],
      ).length,
      'number of undefined names that stand for data': undefinedNames(script).filter((name) =>
        /^[xy]_(train|test)$/.test(name),
      ).length,
      'number of shape errors of class indices as labels': shapeClash(32, 10, () =>
        ops.mul(labels, ops.log(ops.softmax(vector))),
      ),
      'numbers per example of L(x)': linear.shape.slice(1).reduce((count, size) => count * size, 1),
    }
  },
  statements: {
    shapes: deterministic(
      'number of shape errors that name 784 and 128',
      1,
      'ResidualLayer(128) on 784 inputs fails while the graph is built: 784 and 128 cannot be added.',
      '对 784 维输入使用 ResidualLayer(128)，构建计算图时就失败：784 与 128 不能相加。',
      { 51: 'informs', 52: 'refutes' },
    ),
    identity: deterministic(
      'largest change of a pixel',
      0,
      'NormalizationLayer gives back 1,000 digits exactly as they came, at either scale of the pixels.',
      'NormalizationLayer 把 1,000 个数字图像原样返回，无论像素取哪种尺度。',
      { 53: 'refutes', 59: 'refutes' },
    ),
    untrained: deterministic(
      'number of tensors that training changes',
      0,
      'NormalizationLayer holds nothing that training changes: its mean stays 0 and its std stays 1.',
      'NormalizationLayer 中没有任何会被训练改变的量：mean 一直是 0，std 一直是 1。',
      { 53: 'refutes' },
    ),
    flatten: deterministic(
      'number of operations in Flatten',
      0,
      'Flatten before the last Dense does nothing: each example is a row already.',
      '最后的 Dense 之前的 Flatten 什么也不做：每个样本本来就是一行。',
      { 55: 'informs' },
    ),
    data: deterministic(
      'number of undefined names that stand for data',
      4,
      'The program cannot run: x_train, y_train, x_test and y_test are never defined.',
      '程序无法运行：x_train、y_train、x_test、y_test 从未定义。',
      { 56: 'informs' },
    ),
    labels: deterministic(
      'number of shape errors of class indices as labels',
      1,
      'With class indices as labels, categorical cross-entropy fails on a batch of 32, too: they must be one-hot.',
      '标签若是类别编号，对 32 个样本的批次，分类交叉熵同样出错：必须用 one-hot 编码。',
      { 56: 'informs' },
    ),
    prose: deterministic(
      'operations in which ResidualLayer is not Dense, ReLU, Dense, sum',
      0,
      'ResidualLayer is what the text says: Dense, ReLU, Dense without activation, and the sum with the input.',
      'ResidualLayer 与正文所述一致：Dense、ReLU、不带激活的 Dense，再与输入相加。',
      { 51: 'supports', 58: 'supports' },
    ),
    scalar: deterministic(
      'numbers per example of L(x)',
      1,
      'L(x) = sum_i w_i x_i is one number per example; a layer gives a vector, such as the 128 of ResidualLayer.',
      'L(x) = sum_i w_i x_i 对每个样本只给出一个数；一个层给出的是向量，例如 ResidualLayer 的 128 维。',
      { 42: 'refutes' },
    ),
  },
})
