import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Matrix64 } from '../../../src-main/linalg/matrix.ts'

/** Numbers of test/reference/statistics. */
export const oracle = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../reference/statistics/${name}.json`, import.meta.url), 'utf8'))

/** Rows of numbers; null stands for NaN. */
export type Table = readonly (readonly (number | null)[])[]

export const matrixOf = (table: Table): Matrix64 => ({
  data: Float64Array.from(table.flat(), (value) => value ?? NaN),
  rows: table.length,
  cols: table[0].length,
})

export function expectNear(ours: number, theirs: number, relative: number, absolute = 0): void {
  expect(Math.abs(ours - theirs), `${ours} against ${theirs}`).toBeLessThanOrEqual(
    relative * Math.abs(theirs) + absolute,
  )
}

export function expectAllNear(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  relative: number,
  absolute = 0,
): void {
  expect(ours.length).toBe(theirs.length)
  for (let i = 0; i < theirs.length; i++) expectNear(ours[i], theirs[i], relative, absolute)
}
