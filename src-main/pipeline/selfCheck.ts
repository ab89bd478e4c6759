import { HeschlError } from '../errors.ts'
import { createGemm } from '../linalg/gemm.ts'
import { runtimeVersion } from '../linalg/runtime.ts'

/**
 * Computes one small product with ONNX Runtime and compares it with its exact value.
 * @returns the runtime's version
 * @throws HeschlError NUMERICAL
 */
export async function selfCheck(): Promise<string> {
  const gemm = await createGemm({ threads: 1 })
  try {
    const a = { data: new Float32Array([1, 2, 3, 4]), rows: 2, cols: 2 }
    const { data } = await gemm.multiply(a, a)
    if (data.join() !== '7,10,15,22')
      throw new HeschlError('NUMERICAL', 'ONNX Runtime gives wrong numbers on this machine', {
        expected: '7, 10, 15, 22',
        found: data.join(', '),
        remedy: 'Report this with the output of `heschl doctor --json`',
      })
    return runtimeVersion
  } finally {
    await gemm.close()
  }
}
