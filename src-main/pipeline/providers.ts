/** What the engine needs of ONNX Runtime's providers. */
export { checkProvider, checkTolerance } from '../activations/providerCheck.ts'
export type { CheckResult } from '../activations/providerCheck.ts'
export { builtProviders, providers, titleOf } from '../activations/providers.ts'
export type { Provider } from '../activations/providers.ts'
export { failureText } from '../activations/verified.ts'
