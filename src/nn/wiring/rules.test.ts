import { describe, expect, test } from 'vitest'
import { GraphError, OptionError } from '../../errors.ts'
import { graph } from '../../graph/graph.ts'
import { type Parameter, trace, type Traced } from '../../graph/scope.ts'
import { sgd } from '../../optim/sgd.ts'
import { update } from '../../train/parameter-update.ts'
import { ProgramBuilder } from '../../train/program-builder.ts'
import { attention } from '../attention.ts'
import { feedForward } from '../feed-forward.ts'
import type { Setting } from './protocol.ts'
import { norms, placements, skips } from './tables.ts'
import type { Choice } from './variant.ts'
import { type Block, wire } from './wire.ts'
import { resolveWiring, warningsOf, type Wiring } from './wiring.ts'

const block: Block = { attention: attention({ heads: 2 }), mlp: feedForward({ hidden: 8 }) }
const traced = (wiring: Wiring): Traced => trace(wire([block, block], wiring), 'float32', [2, 3, 8])

/** Options under which every name works on a net this small. */
const small: Readonly<Record<string, object>> = { group: { groups: 2 }, dense: { growth: 8 }, laurel: { rank: 2 } }
const choice = (name: string): Choice => (name in small ? { name, ...small[name] } : name)

describe('(i) a stream that grows needs a final norm', () => {
  const growing = ['pre', 'sandwich', 'peri', 'out', 'preEach', 'mixLn', 'hybridNorm']
  growing.push('lnScaling', 'subLn', 'normFormer', 'parallel')
  const others = Object.keys(placements).filter((name) => !growing.includes(name))
  const normOf = (placement: string): string => (placement === 'geodesic' ? 'hypersphere' : 'layer')
  const hasFinal = (wiring: Wiring): boolean => [...traced(wiring).parameters.keys()].includes('finalNorm.gain')

  test.each(growing)('%s', (placement) => {
    expect(() => resolveWiring({ placement, finalNorm: false })).toThrow(
      `wiring: placement '${placement}' needs a final norm: its stream grows with depth; leave finalNorm out, or say finalNorm: 'omitted' to go without`,
    )
    expect(hasFinal({ placement })).toBe(true)
    expect(hasFinal({ placement, finalNorm: 'omitted' })).toBe(false)
    expect(resolveWiring({ placement, finalNorm: 'omitted' }).finalNorm).toBe('omitted')
  })

  test.each(others)('%s needs none', (placement) => {
    const norm = normOf(placement)
    expect(resolveWiring({ placement, norm }).finalNorm).toBe(false)
    expect(resolveWiring({ placement, norm, finalNorm: false }).finalNorm).toBe(false)
    expect(resolveWiring({ placement, norm, finalNorm: 'omitted' }).finalNorm).toBe(false)
    expect(resolveWiring({ placement, norm, finalNorm: true }).finalNorm).toBe(true)
  })
})

type Known = Pick<Setting, 'seats' | 'warmupSteps' | 'attention'>

describe('(ii) what is warned about, with the way out', () => {
  test.each<[string, Wiring, Known, RegExp | null]>([
    ['out', { placement: 'out' }, {}, null],
    ['out without norms on queries and keys', { placement: 'out', qkNorm: false }, {}, /explodes .*leave qkNorm out$/],
    ['the same without attention', { placement: 'out', qkNorm: false }, { attention: false }, null],
    ['post, deep', { placement: 'post' }, { seats: 17, warmupSteps: 0 }, /17 sublayers .*warm up, or choose pre/],
    ['post, deep, with warm-up', { placement: 'post' }, { seats: 17, warmupSteps: 1 }, null],
    ['post, shallow', { placement: 'post' }, { seats: 16, warmupSteps: 0 }, null],
    ['post, not known how deep', { placement: 'post' }, { warmupSteps: 0 }, null],
    ['post, not known how trained', { placement: 'post' }, { seats: 17 }, null],
    [
      'post, deep, / sqrt(n)',
      { placement: 'post', branchScale: { exponent: 0.5 } },
      { seats: 96, warmupSteps: 0 },
      null,
    ],
    ['post, deep, branches of a tenth', { placement: 'post', branchScale: 0.1 }, { seats: 96, warmupSteps: 0 }, null],
    ['post, shallow, loud', { placement: 'post', branchScale: 3 }, { seats: 16, warmupSteps: 0 }, null],
    ['post, deeper, of a half', { placement: 'post', branchScale: 0.5 }, { seats: 50, warmupSteps: 0 }, /50 sublayers/],
    ['post, less deep, of a half', { placement: 'post', branchScale: 0.5 }, { seats: 49, warmupSteps: 0 }, null],
    ['pre, deep', { placement: 'pre' }, { seats: 96, warmupSteps: 0 }, null],
    ['lnScaling', { placement: 'lnScaling' }, {}, null],
    ...['scaled', 'depthScaled', 'gpt2'].map((init): [string, Wiring, Known, RegExp | null] => [
      `lnScaling, init ${init}`,
      { placement: 'lnScaling', init },
      {},
      new RegExp(`'${init}' shrinks deep branches twice; use init 'layers'`),
    ]),
    ['lnScaling, init xavier', { placement: 'lnScaling', init: 'xavier' }, {}, null],
    ['pre, init scaled', { init: 'scaled' }, {}, null],
    ['reZero inside norms', { skip: 'reZero', norm: 'rms' }, {}, /without norms, got rms placed pre; use norm none/],
    ['reZero', { skip: 'reZero', norm: 'none' }, {}, null],
    ['highway', { skip: 'highway' }, {}, null],
    ['highway half open', { skip: { name: 'highway', bias: 0 } }, {}, /bias 0 .*use a bias of -1 to -3/],
    ['gru', { skip: 'gru' }, {}, null],
    ['gru half open', { skip: { name: 'gru', bias: 0 } }, {}, /bias 0 .*use a bias of about 2/],
  ])('%s', (_, wiring, known, expected) => {
    const warnings = warningsOf(wiring, known)
    expect(warnings).toHaveLength(expected === null ? 0 : 1)
    if (expected !== null) expect(warnings[0]).toMatch(expected)
  })

  test('skip and placement both speak', () => {
    const known = { seats: 32, warmupSteps: 0 }
    expect(warningsOf({ skip: { name: 'highway', bias: 0 }, placement: 'post' }, known)).toHaveLength(2)
  })
})

/** The paths of the parameters that an update with weight decay shrinks. */
function decayed(parameters: readonly Parameter[]): ReadonlySet<string> {
  const paths = new Map(parameters.map(({ path, value }) => [value, path]))
  const found = new Set<string>()
  const optimizer = sgd({ learningRate: 0.1, weightDecay: 0.1 })
  const gradients = parameters.map(({ value }) => value)
  update(new ProgramBuilder(), parameters, gradients, {
    optimizer: {
      ...optimizer,
      update: (tensors, scalars) => {
        if (tensors.decay) found.add(paths.get(tensors.parameter)!)
        return optimizer.update(tensors, scalars)
      },
    },
    fusedUpdate: false,
  })
  return found
}

describe('(iii) of what a wiring adds, only matrices on the skip decay; (iv) everything is in float32', () => {
  const own = traced({ norm: 'none' }).parameters
  const options: readonly Choice[] = [
    { name: 'highway', gates: 'separate' },
    { name: 'hyper', dynamic: true },
    { name: 'manifoldHyper', form: 'permutation' },
    { name: 'valueResidual', learned: true },
    'fixup',
  ]
  const everything = [
    ...Object.keys(skips).map((name) => ({ skip: choice(name) })),
    ...options.map((skip) => ({ skip })),
    ...Object.keys(norms).map((name) => ({ norm: choice(name) })),
  ]
  const seen = new Map<string, boolean>()

  test.each(everything)('%o in every placement', (wiring) => {
    let legal = 0
    for (const placement of Object.keys(placements)) {
      const net = legalNet({ embedNorm: placement !== 'none', ...wiring, placement })
      if (net === null) continue
      legal++
      const parameters = [...net.parameters.values()]
      const shrunk = decayed(parameters)
      for (const { path, role, value } of parameters) {
        if (own.has(path)) {
          expect(shrunk.has(path), path).toBe(role !== 'bias')
          continue
        }
        expect(['gain', 'bias', 'residual', 'skip'], path).toContain(role)
        expect(shrunk.has(path), path).toBe(role === 'skip')
        if (role === 'skip') expect(value.shape.length, path).toBe(2)
        seen.set(role, shrunk.has(path))
      }
      const dtypes = graph({ y: net.output }).nodes.flatMap(({ outputs }) => outputs.map(({ dtype }) => dtype))
      expect(dtypes).not.toContain('float64')
    }
    expect(legal).toBeGreaterThan(0)
  })

  test('all four roles were met', () => {
    expect(Object.fromEntries(seen)).toEqual({ gain: false, bias: false, residual: false, skip: true })
  })
})

/** The net, or null where the wiring is refused. */
function legalNet(wiring: Wiring): Traced | null {
  try {
    return traced(wiring)
  } catch (error) {
    if (error instanceof OptionError || error instanceof GraphError) return null
    throw error
  }
}
