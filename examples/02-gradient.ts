// Gradients are graphs: print them, differentiate them again, evaluate them in float64.
import { evaluate, grad, graph, input, ops, print, tensor } from 'residua'

const x = input('x', 'float32', [3])
const y = ops.sum(ops.mul(ops.tanh(x), x))
const [dx] = grad(y, [x])
const [ddx] = grad(ops.sum(dx!), [x])

console.log(print(graph({ dx: dx! })))
const at = { x: tensor([-1, 0, 2]) }
console.log('dx ', evaluate(graph({ dx: dx! }), at).dx!.data)
console.log('ddx', evaluate(graph({ ddx: ddx! }), at).ddx!.data)
