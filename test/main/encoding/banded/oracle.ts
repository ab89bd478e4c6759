/** The reference answers of test/reference/encoding/banded; what each field is stands in generate.py. */
import { readFileSync } from 'node:fs'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'

interface BandedCase {
  readonly name: string
  readonly spaces: readonly Matrix32[]
  readonly y: Matrix32
  readonly folds: number
  readonly inner: number
}

export interface SearchCase extends BandedCase {
  readonly candidates: readonly (readonly number[])[]
  readonly alphas: readonly number[]
  readonly errors: Float64Array
  readonly candidate: Uint8Array
  readonly alpha: Uint8Array
  readonly deltas: Float64Array
  readonly r: Float64Array
  readonly r2Split: Float64Array
  readonly rSplit: Float64Array
}

export interface GradientCase extends BandedCase {
  readonly start: number
  readonly iterations: number
  readonly deltas: Float64Array
  readonly errors: Float64Array
  readonly r: Float64Array
  readonly looseErrors: Float64Array
  readonly directDeltas: Float64Array
}

export interface PartitionCase extends BandedCase {
  readonly alphas: readonly number[]
  readonly sets: readonly (readonly number[])[]
  readonly unions: Float64Array
  readonly parts: Float64Array
}

const folder = new URL('../../../reference/encoding/banded/', import.meta.url)
const bytes = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, 'base64')).buffer
const matrix = (text: string, rows: number, cols: number) => ({ data: new Float32Array(bytes(text)), rows, cols })
const doubles = (text: string) => new Float64Array(bytes(text))

function read(file: string) {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  return Object.entries<Record<string, never>>(cases).map(([name, stored]) => {
    const { x, y, n, sizes, targets, folds, inner } = stored
    const spaces = (sizes as number[]).map((size, b) => matrix(x[b], n, size))
    return { stored, common: { name, spaces, y: matrix(y, n, targets), folds, inner } }
  })
}

export const searchCases = (): SearchCase[] =>
  read('search.json').map(({ stored: { candidates, alphas, ...stored }, common }) => ({
    ...{ ...common, candidates, alphas, errors: doubles(stored.errors), deltas: doubles(stored.deltas) },
    candidate: new Uint8Array(bytes(stored.candidate)),
    alpha: new Uint8Array(bytes(stored.alpha)),
    ...{ r: doubles(stored.r), r2Split: doubles(stored.r2Split), rSplit: doubles(stored.rSplit) },
  }))

export const gradientCases = (): GradientCase[] =>
  read('gradient.json').map(({ stored: { start, iterations, ...stored }, common }) => ({
    ...{ ...common, start, iterations, deltas: doubles(stored.deltas), errors: doubles(stored.errors) },
    ...{ r: doubles(stored.r), looseErrors: doubles(stored.looseErrors) },
    directDeltas: doubles(stored.directDeltas),
  }))

export const partitionCases = (): PartitionCase[] =>
  read('partition.json').map(({ stored: { alphas, sets, unions, parts }, common }) => ({
    ...{ ...common, alphas, sets, unions: doubles(unions), parts: doubles(parts) },
  }))
