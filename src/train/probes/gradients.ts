import { type Parameter, trainedOf } from '../../graph/scope.ts'
import { div, sub } from '../../ops/arithmetic.ts'
import { type Probe, probe, type Sites } from './probe.ts'
import { activations } from './sites.ts'
import { norm } from './size.ts'

const everyParameter: Sites<Parameter> = {
  kind: 'parameters that are not frozen',
  find: (net) => trainedOf(net).map((parameter) => [parameter.path, parameter]),
}

const matrices: Sites<Parameter> = {
  kind: 'parameters of two or more axes that are not frozen',
  find: (net) => everyParameter.find(net).filter(([, { value }]) => value.shape.length > 1),
}

/** `|dLoss/dx|` of an activation. Source: Glorot & Bengio 2010; Xiong et al. 2020, arXiv:2002.04745. */
export const gradientNorm: Probe = probe(activations, (x, { gradient }) => norm(gradient(x)))

/** `|dLoss/dW|` of a parameter, before clipping. Source: Glorot & Bengio 2010. */
export const parameterGradientNorm: Probe = probe(everyParameter, ({ value }, { gradient }) => norm(gradient(value)))

/**
 * How far the step moves a matrix or kernel: `|W' - W| / |W|`, W' what the update replaces W by; healthy about 1e-3,
 * infinite where W is 0. Source: Brock et al. 2021, arXiv:2102.06171.
 */
export const updateRatio: Probe = probe(matrices, (parameter, { updated }) =>
  div(norm(sub(updated(parameter), parameter.value)), norm(parameter.value)),
)
