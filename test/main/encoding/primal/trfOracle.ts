/** The reference answers of test/reference/encoding/trf; what each field is stands in generate.py. */
import { readFileSync } from 'node:fs'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'

export interface TrfAnswer {
  readonly r: Float64Array
  readonly alpha: Uint8Array
}

export interface TrfCase {
  readonly name: string
  readonly seconds: { readonly from: number; readonly to: number }
  readonly runs: readonly Matrix32[]
  readonly y: Matrix32
  /** Some rows of the lagged design, the runs one after the other. */
  readonly design: { readonly rows: readonly number[]; readonly values: Float32Array }
  readonly loo: TrfAnswer
  readonly kfold: TrfAnswer
}

const stored = JSON.parse(
  readFileSync(new URL('../../../reference/encoding/trf/trf.json', import.meta.url), 'utf8'),
) as StoredAll

interface Stored {
  readonly seconds: TrfCase['seconds']
  readonly lengths: readonly number[]
  readonly units: number
  readonly targets: number
  readonly design: { readonly rows: readonly number[]; readonly values: string }
  readonly x: string
  readonly y: string
  readonly loo: { readonly r: string; readonly alpha: string }
  readonly kfold: { readonly r: string; readonly alpha: string }
}

interface StoredAll {
  readonly rate: number
  readonly alphas: readonly number[]
  readonly folds: number
  readonly cases: Readonly<Record<string, Stored>>
}

const bytes = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, 'base64')).buffer

const answer = ({ r, alpha }: Stored['loo']): TrfAnswer => ({
  r: new Float64Array(bytes(r)),
  alpha: new Uint8Array(bytes(alpha)),
})

export const { rate, alphas, folds } = stored

export const trfCases: readonly TrfCase[] = Object.entries(stored.cases).map(([name, one]) => {
  const x = new Float32Array(bytes(one.x))
  let start = 0
  const runs = one.lengths.map((rows) => ({
    data: x.slice(start * one.units, (start += rows) * one.units),
    rows,
    cols: one.units,
  }))
  return {
    name,
    seconds: one.seconds,
    runs,
    y: { data: new Float32Array(bytes(one.y)), rows: start, cols: one.targets },
    design: { rows: one.design.rows, values: new Float32Array(bytes(one.design.values)) },
    loo: answer(one.loo),
    kfold: answer(one.kfold),
  }
})
