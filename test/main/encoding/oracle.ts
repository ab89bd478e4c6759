/** The reference answers of test/reference/encoding; what each field is stands in generate.py. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'

export interface RidgeCase {
  readonly name: string
  readonly says: string
  readonly x: Matrix32
  readonly y: Matrix32
  readonly folds: number
  readonly alphas: readonly number[]
  readonly r: Float64Array
  readonly alpha: Uint8Array
  readonly gap: Float32Array
  readonly spread: Float32Array
}

const folder = new URL('../../reference/encoding/ridge/', import.meta.url)

export function ridgeCases(): RidgeCase[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const stored = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
      const bytes = (key: string): ArrayBuffer => Uint8Array.from(Buffer.from(stored[key], 'base64')).buffer
      return {
        name: file.replace('.json', ''),
        says: stored.says,
        x: { data: new Float32Array(bytes('x')), rows: stored.n, cols: stored.p },
        y: { data: new Float32Array(bytes('y')), rows: stored.n, cols: stored.targets },
        folds: stored.folds,
        alphas: stored.alphas,
        r: new Float64Array(bytes('r')),
        alpha: new Uint8Array(bytes('alpha')),
        gap: new Float32Array(bytes('gap')),
        spread: new Float32Array(bytes('spread')),
      }
    })
}

export interface KfoldCase extends Omit<RidgeCase, 'spread' | 'says'> {
  readonly inner: number
  readonly r2: Float32Array
  /** [folds]: the alpha of all targets together. */
  readonly shared: readonly number[]
}

/** The same problems with inner folds; see generate_kfold.py. */
export function kfoldCases(): KfoldCase[] {
  const { cases } = JSON.parse(readFileSync(new URL('../kfold.json', folder), 'utf8'))
  return ridgeCases().flatMap(({ name, x, y, folds, alphas }) => {
    const stored = cases[name]
    if (!stored) return []
    const bytes = (key: string): ArrayBuffer => Uint8Array.from(Buffer.from(stored[key], 'base64')).buffer
    return [
      {
        ...{ name, x, y, folds, alphas, inner: stored.inner, shared: stored.shared },
        r: Float64Array.from(new Float32Array(bytes('r'))),
        r2: new Float32Array(bytes('r2')),
        alpha: new Uint8Array(bytes('alpha')),
        gap: new Float32Array(bytes('gap')),
      },
    ]
  })
}
