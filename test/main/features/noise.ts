import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'

/** The same float32 numbers in [0, 1), bit for bit, as `noise` of test/reference/features/make.py: [rows, cols]. */
export function noise(rows: number, cols: number): Matrix32 {
  const data = new Float32Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    for (let u = 0; u < cols; u++) {
      let x = Math.imul(i + 1, 2654435761) ^ Math.imul(u + 1, 2246822519)
      x = Math.imul(x ^ (x >>> 15), 739982445)
      x = Math.imul(x ^ (x >>> 12), 695872825)
      x ^= x >>> 15
      data[i * cols + u] = (x >>> 8) / 2 ** 24
    }
  }
  return { data, rows, cols }
}

/** As `activations` there: noise; the same far from 0; noise that changes slowly; a constant. */
export function activations(frames: number): Matrix32 {
  const a = noise(frames, 4)
  const { data } = a
  const slow = Array.from({ length: frames }, (_, i) => data[Math.floor(i / 64) * 64 * 4 + 2] - 0.5)
  for (let i = 0; i < frames; i++) {
    data[i * 4 + 1] = data[i * 4 + 1] / 1024 + 4
    data[i * 4 + 2] = slow[i]
    data[i * 4 + 3] = 0.25
  }
  return a
}
