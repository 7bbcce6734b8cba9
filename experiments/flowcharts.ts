/**
 * E10: do the article's flowcharts work as graphs?
 *
 * Each draft draws a chart (they are alike): A input, B residual?, C norm?, D and F pass the input on, E norm, G input
 * after the residual, H layer, I output. Both questions are answered in all four ways, and what is then connected is
 * executed on 4 drawn vectors of 8 numbers: E is layer norm, H a matrix, G the sum of what arrives. A matrix of zeros shows
 * what goes around the layer. A residual block shows that a way around is found where there is one.
 */
import { evaluate, graph, input, ops, tensor, type Value } from 'residua'
import * as lab from 'residua/lab'
import { normals } from './kit/normals.ts'
import { deterministic } from './kit/statements.ts'

const article = 'A>B, B>C yes, B>D no, C>E yes, C>F no, E>G, F>G, G>H, H>I'
const block = 'A>E, E>H, A>G, H>G, G>I'

interface Edge {
  readonly from: string
  readonly to: string
  readonly answer: string | undefined
}

const edgesOf = (chart: string): Edge[] =>
  chart.split(', ').map((edge) => {
    const [, from, to, answer] = /^(\w)>(\w)(?: (yes|no))?$/.exec(edge)!
    return { from: from!, to: to!, answer }
  })

const reaches = (edges: readonly Edge[], from: string): boolean =>
  from === 'I' || edges.some((edge) => edge.from === from && reaches(edges, edge.to))

const [x, weight] = [input('x', 'float32', [4, 8]), input('weight', 'float32', [8, 8])]
const norm = (value: Value): Value => ops.layerNorm(value, ops.filled(1, [8]), ops.filled(0, [8]))[0]

/** What arrives at a node, one value per edge that carries one. */
const arriving = (edges: readonly Edge[], node: string): Value[] =>
  edges.filter(({ to }) => to === node).flatMap(({ from }) => valueAt(edges, from))

/** The value of a node, or none where nothing arrives. */
function valueAt(edges: readonly Edge[], node: string): Value[] {
  if (node === 'A') return [x]
  const [first, ...others] = arriving(edges, node)
  if (first === undefined) return []
  const total = others.reduce(ops.add, first)
  return [node === 'E' ? norm(total) : node === 'H' ? ops.matMul(total, weight) : total]
}

/** The largest number that comes out when the layer is a matrix of zeros; none where there is no output. */
function passing(edges: readonly Edge[], seed: number): number[] {
  const feeds = { x: normals(x.shape, seed, 'x'), weight: tensor(new Float64Array(64), weight.shape) }
  return valueAt(edges, 'I').map(
    (output) => evaluate(graph({ largest: ops.max(ops.abs(output)) }), feeds).largest!.data[0]!,
  )
}

const choices = ['yes', 'no'].flatMap((residual) => ['yes', 'no'].map((norm) => ({ B: residual, C: norm })))

export default lab.experiment({
  id: 'E10',
  file: import.meta.url,
  minutes: { full: 0.1, short: 0.1 },
  arms: { 'draft A': { chart: article }, 'draft B': { chart: article } },
  full: { seeds: 1 },
  short: { seeds: 1 },
  measure({ chart }, { seed }) {
    const edges = edgesOf(chart)
    const nodes = [...new Set(edges.flatMap(({ from, to }) => [from, to]))]
    const taken = choices.map((answers: Readonly<Record<string, string>>) =>
      edges.filter(({ from, answer }) => answer === undefined || answers[from] === answer),
    )
    return {
      'number of nodes that lead to no output': nodes.filter((node) => !reaches(edges, node)).length,
      'number of answers, out of 4, that give no output': taken.filter((some) => valueAt(some, 'I').length === 0)
        .length,
      'most operands of the residual': Math.max(...taken.map((some) => arriving(some, 'G').length)),
      'ways around the layer': Number(
        reaches(
          edges.filter(({ to }) => to !== 'H'),
          'A',
        ),
      ),
      'largest number that passes a layer of zeros': Math.max(...taken.flatMap((some) => passing(some, seed))),
      'ways around the layer of a residual block': Number(
        reaches(
          edgesOf(block).filter(({ to }) => to !== 'H'),
          'A',
        ),
      ),
    }
  },
  statements: {
    dead: deterministic(
      'number of nodes that lead to no output',
      1,
      'The answer "no residual" is a dead end: behind node D there is neither layer nor output.',
      '回答“不用残差”是死路：节点 D 之后既没有网络层，也没有输出。',
      { 14: 'refutes' },
    ),
    inexpressible: deterministic(
      'number of answers, out of 4, that give no output',
      2,
      'Two of the four answers give nothing: neither a plain net nor layer norm without residual can be expressed.',
      '四种回答中有两种得不到结果：普通网络和“只用层归一化、不用残差”都无法表达。',
      { 14: 'refutes' },
    ),
    operands: deterministic(
      'most operands of the residual',
      1,
      'The step "after the residual" gets one value, whatever is answered: there is nothing to add it to.',
      '无论怎样回答，“经过残差”这一步只得到一个值：没有可与之相加的东西。',
      { 14: 'refutes' },
    ),
    around: deterministic(
      'ways around the layer',
      0,
      'No path goes around the layer: nothing is skipped.',
      '没有绕过网络层的路径：什么也没有跳过。',
      { 15: 'refutes', 29: 'refutes' },
    ),
    zeros: deterministic(
      'largest number that passes a layer of zeros',
      0,
      'Executed with a layer of zeros, the chart gives zeros: all it passes on goes through the layer.',
      '把网络层设为零再执行，输出全为零：一切都要经过该层。',
      { 15: 'refutes', 29: 'refutes' },
    ),
    block: deterministic(
      'ways around the layer of a residual block',
      1,
      'In a residual block, x + H(norm(x)), the same measure finds a path around the layer.',
      '对残差块 x + H(norm(x))，同一度量找到了绕过网络层的路径。',
      { 11: 'supports', 15: 'informs', 22: 'supports' },
    ),
  },
})
