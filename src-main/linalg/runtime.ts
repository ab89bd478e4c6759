import { env } from 'onnxruntime-node'

/** Version of ONNX Runtime, recorded with every result. */
export const runtimeVersion: string = env.versions.node ?? env.versions.common
