export { architectures } from '../activations/index.ts'
