export { mlp, type MlpOptions } from './mlp.ts'
