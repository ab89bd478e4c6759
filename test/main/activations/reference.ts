/** The fixtures of test/reference/activations. */
import { openSync, readSync, closeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { readSafetensorsHeader } from '../../../src-main/formats/safetensors.ts'

export const folderOf = (name: string) => fileURLToPath(new URL(`../../reference/activations/${name}`, import.meta.url))

/** The float32 tensors of a file. */
export async function readTensors(
  file: string,
): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  const handle = openSync(file, 'r')
  for (const [name, { shape, offset, bytes }] of await readSafetensorsHeader(file)) {
    const data = new Float32Array(bytes / 4)
    readSync(handle, data, 0, bytes, offset)
    tensors.set(name, { shape, data })
  }
  closeSync(handle)
  return tensors
}

/** 0.6 s of synthetic audio at 16 kHz. */
export const readAudio = async () => (await readTensors(folderOf('audio.safetensors'))).get('audio')!.data

/** The synthetic audio, over and over with a drifting level, to a length in samples. */
export async function longAudio(samples: number): Promise<Float32Array> {
  const audio = await readAudio()
  return Float32Array.from({ length: samples }, (_, i) => audio[i % audio.length] * (1 + 0.3 * Math.sin(i / 9000)))
}

export function everyRow({ data, rows, cols }: Matrix32, step: number): Float32Array {
  const kept = new Float32Array(Math.ceil(rows / step) * cols)
  for (let row = 0; row < rows; row += step) kept.set(data.subarray(row * cols, (row + 1) * cols), (row / step) * cols)
  return kept
}

/** The largest absolute difference over the expected values' standard deviation; infinite when lengths differ or NaN. */
export function largestDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length || expected.length === 0) return Infinity
  const mean = expected.reduce((sum, x) => sum + x, 0) / expected.length
  const deviation = Math.sqrt(expected.reduce((sum, x) => sum + (x - mean) ** 2, 0) / expected.length)
  let largest = 0
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i] - expected[i])
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference
  }
  return largest / deviation
}
