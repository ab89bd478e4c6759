/**
 * What `heschl encode` computes, on ten random problems and on the hard ones, against scikit-learn (`loo`) and himalaya
 * (`kfold:5`), from files of either precision and order, X in one to three of them; see test/reference/encoding. The
 * command itself, with its options and reports, is in encode.test.ts: these 57 run its task within one process.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { logspace } from '../../../src-main/encoding/ridge.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { encodeArrays } from '../../../src-main/pipeline/encodeArrays.ts'
import { arrayEncoding } from '../../../src-main/study/arrayEncoding.ts'
import { kfoldCases, ridgeCases } from '../encoding/oracle.ts'
import { layouts, writeLayout } from './npyOrders.ts'

interface Problem {
  readonly name: string
  readonly x: Matrix32
  readonly y: Matrix32
  readonly folds: number
  readonly alphas: readonly number[]
  /** [folds, targets] */
  readonly r: ArrayLike<number>
  readonly alpha: Uint8Array
  /** Whether an alpha's validation error [folds, targets, alphas] exceeds the least by less than 1e-6 of it. */
  readonly least: (index: number) => boolean
}

interface Stored {
  readonly n: number
  readonly p: number
  readonly targets: number
  readonly folds: number
  readonly alphas: readonly [from: number, to: number, count: number]
  readonly loo: Readonly<Record<'r' | 'alpha' | 'least', string>>
  readonly kfold: Readonly<Record<'r' | 'alpha' | 'least', string>>
}

/** As `noise` of random/generate.py. */
function noise(rows: number, cols: number, seed: number): Float64Array {
  const data = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    for (let u = 0; u < cols; u++) {
      let x = Math.imul(i + 1 + 100_000 * seed, 2654435761) ^ Math.imul(u + 1, 2246822519)
      x = Math.imul(x ^ (x >>> 15), 739982445)
      x = Math.imul(x ^ (x >>> 12), 695872825)
      x ^= x >>> 15
      data[i * cols + u] = (x >>> 8) / 2 ** 24 - 0.5
    }
  }
  return data
}

/** As `problem` there, operation by operation. */
function arrays(seed: number, { n, p, targets }: Stored): { readonly x: Matrix32; readonly y: Matrix32 } {
  const a = noise(n + 1, p, seed)
  const x = Float32Array.from({ length: n * p }, (_, k) => a[k + p] + 0.75 * a[k])
  const e = noise(n, targets, seed + 50)
  const y = Float32Array.from({ length: n * targets }, (_, k) => {
    const t = k % targets
    const of = (column: number) => x[((k - t) / targets) * p + (column % p)]
    const signal = of(t) + of(3 * t + 1) - of(7 * t + 2) + 0.5 * of(11 * t + 3)
    return signal + (0.25 + t / 8) * e[k]
  })
  return { x: { data: x, rows: n, cols: p }, y: { data: y, rows: n, cols: targets } }
}

function randomProblems(selection: 'loo' | 'kfold'): Problem[] {
  const file = new URL('../../reference/encoding/random/random.json', import.meta.url)
  const { problems } = JSON.parse(readFileSync(file, 'utf8')) as { problems: readonly Stored[] }
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'))
  return problems.map((stored, seed) => {
    const { r, alpha, least } = stored[selection]
    const bits = bytes(least)
    return {
      ...{ name: `random ${seed}`, ...arrays(seed, stored), folds: stored.folds, alphas: logspace(...stored.alphas) },
      r: new Float32Array(bytes(r).buffer),
      alpha: bytes(alpha),
      least: (index) => ((bits[index >> 3] >> (7 - (index & 7))) & 1) === 1,
    }
  })
}

const hard = (cases: ReturnType<typeof ridgeCases> | ReturnType<typeof kfoldCases>): Problem[] =>
  cases.map(({ gap, ...known }) => ({ ...known, least: (index) => gap[index] < 1e-6 }))

let folder: string
const gemm = await createGemm({ threads: 1 })
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-problems-'))
})
afterAll(async () => {
  await gemm.close()
  await rm(folder, { recursive: true })
})

const columns = ({ data, rows, cols }: Matrix32, from: number, to: number): Matrix32 => ({
  data: data.filter((_, k) => k % cols >= from && k % cols < to),
  rows,
  cols: to - from,
})

/** @param turn chooses the layouts and into how many files X is split */
async function solved(known: Problem, selection: 'leave-one-out' | { readonly kfold: number }, turn: number) {
  const { x, y, folds, alphas } = known
  const parts = Math.min(x.cols, 1 + (turn % 3))
  const files: string[] = []
  for (let part = 0; part < parts; part++) {
    const [from, to] = [part, part + 1].map((at) => Math.floor((at * x.cols) / parts))
    files.push(join(folder, `x${part}.npy`))
    await writeLayout(files[part], columns(x, from, to), layouts[(turn + part) % 4])
  }
  const file = (name: string) => join(folder, `${name}.npy`)
  await writeLayout(file('y'), y, layouts[(turn >> 2) % 4])
  const { encoding } = arrayEncoding({ folds, alphas, selection })
  const task = { kind: 'encodeArrays', x: files, y: file('y'), r: file('r'), alpha: file('alpha') } as const
  const context = { progress: () => undefined, cancelled: () => false }
  await encodeArrays({ ...task, options: encoding }, { gemm }, context)
  return { r: (await readNpy(file('r'))).data, alpha: (await readNpy(file('alpha'))).data }
}

/** @returns the share of targets and folds with the peer's alpha, or one whose validation error is as small */
function agreement(
  known: Problem,
  found: { readonly r: ArrayLike<number>; readonly alpha: ArrayLike<number> },
): number {
  const { alphas } = known
  const differences: number[] = []
  let agreed = 0
  for (let i = 0; i < known.r.length; i++) {
    if (Number.isNaN(found.alpha[i])) {
      // Nothing to fit: the peers predict a constant.
      expect([found.r[i], known.r[i]]).toEqual([0, 0])
      agreed++
      continue
    }
    const index = alphas.indexOf(found.alpha[i])
    if (index === known.alpha[i]) differences.push(Math.abs(found.r[i] - known.r[i]))
    if (index === known.alpha[i] || known.least(i * alphas.length + index)) agreed++
  }
  differences.sort((a, b) => a - b)
  // Few where all alphas are far beyond the features' variance: of equal errors the peers take one, we another.
  expect(differences.length).toBeGreaterThan(0.05 * known.r.length)
  expect(differences.at(-1)).toBeLessThan(1e-4)
  expect(differences[differences.length >> 1]).toBeLessThan(1e-6)
  return agreed / known.r.length
}

describe.each([
  ['scikit-learn, loo', 'leave-one-out', [...randomProblems('loo'), ...hard(ridgeCases())]],
  ['himalaya, kfold:5', { kfold: 5 }, [...randomProblems('kfold'), ...hard(kfoldCases())]],
] as const)('%s', (_, selection, problems) => {
  test.each(problems.map((known, turn) => [known.name, known, turn] as const))('%s', async (_, known, turn) => {
    expect(agreement(known, await solved(known, selection, turn))).toBeGreaterThanOrEqual(0.999)
  })
})

test('the hard problems are those that were asked for', () => {
  for (const cases of [ridgeCases(), kfoldCases()]) {
    const some = (is: (known: (typeof cases)[number]) => boolean) => cases.filter(is).length
    const largest = (data: Float32Array) => Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length)
    expect(some(({ x }) => x.rows < x.cols)).toBeGreaterThan(5)
    expect(some(({ x }) => x.rows > x.cols)).toBeGreaterThan(5)
    expect(some(({ x }) => largest(x.data) < 1.1e-6)).toBeGreaterThanOrEqual(2)
    expect(some(({ x }) => largest(x.data) > 0.9e6)).toBeGreaterThanOrEqual(2)
    expect(some(({ alphas }) => alphas[0] === 1e-3 && alphas.at(-1) === 1e9)).toBeGreaterThan(5)
    const names = cases.map(({ name }) => name)
    for (const name of ['deficient-tall', 'deficient-wide', 'equal-rows', 'smooth-wide', 'odd-targets'])
      expect(names).toContain(name)
  }
})
