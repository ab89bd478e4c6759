/** What steps cost, and how fast this machine computes: for plans. */
import { createGemm } from '../linalg/gemm.ts'
import type { Matrix } from '../linalg/matrix.ts'
import { zeros32, zeros64 } from '../linalg/matrix.ts'

export { operationsOf } from '../activations/index.ts'
export { ridgeCost } from '../encoding/cost.ts'
export { logspace } from '../encoding/ridge.ts'
export { bytesAtRest } from './memory.ts'
export { isDecodedWhole } from './recordingFile.ts'
export { stripeWidth } from './stripes.ts'

/** Floating-point operations a second of products by all threads together, which may share a core's units. */
export interface Pace {
  readonly float32: number
  readonly float64: number
}

/** Sides of the products: those of a regression of a short study, large enough for the processor to be busy. */
const [rows, inner, cols] = [640, 640, 480]
const trials = 24

/** Measures this machine for some 0.2 s: the best of several trials, so that other programs disturb it little. */
export async function measurePace(threads: number): Promise<Pace> {
  const gemm = await createGemm({ threads })
  const rate = async (zeros: (rows: number, cols: number) => Matrix) => {
    const [a, b, out] = [zeros(rows, inner), zeros(inner, cols), zeros(rows, cols)]
    a.data.fill(0.5)
    b.data.fill(0.25)
    let least = Infinity
    for (let trial = 0; trial < trials; trial++) {
      const began = performance.now()
      await gemm.multiply(a, b, { out })
      least = Math.min(least, performance.now() - began)
    }
    return (2 * rows * inner * cols * 1000) / least
  }
  try {
    return { float32: await rate(zeros32), float64: await rate(zeros64) }
  } finally {
    await gemm.close()
  }
}
