import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import { createGemm, type Gemm } from '../../../src-main/linalg/gemm.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { computeCeiling } from '../../../src-main/pipeline/ceilings.ts'
import type { CeilingTask } from '../../../src-main/pipeline/tasks.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-ceiling-'))
// More vertices than components, so that these leave something out.
const [volumes, left, right] = [45, 70, 60]
const vertices = left + right
const last = vertices - 1
/** Signal of a vertex, beside noise of 1. */
const signal = (vertex: number) => (2 * vertex) / last
let gemm: Gemm
let subjects: CeilingTask['subjects']

/** Three subjects, two runs of the stimulus a and one of b; vertex 0 is constant, the others share more and more. */
beforeAll(async () => {
  gemm = await createGemm()
  const { normal } = seededRandom(2)
  const shared = new Map(['a', 'b'].map((id) => [id, Float32Array.from({ length: volumes * vertices }, normal)]))
  subjects = await Promise.all(
    ['s1', 's2', 's3'].map(async (subject) => ({
      subject,
      recordings: await Promise.all(
        ['a', 'b', 'a'].map(async (stimulus, run) => {
          const files = join(folder, `${subject}-${run}.npy`)
          const part = shared.get(stimulus)!
          const data = part.map((value, i) => {
            const vertex = i % vertices
            return vertex === 0 ? 3 : 50 + value * signal(vertex) + normal()
          })
          await writeNpy(files, { shape: [volumes, vertices], data })
          return { stimulus, files, tr: 2 }
        }),
      ),
    })),
  )
})
afterAll(async () => {
  await gemm.close()
  rmSync(folder, { recursive: true, force: true })
})

const cleaning: CeilingTask['cleaning'] = {
  ...{ trim: { start: 0, end: 0 }, detrend: 0, highPass: null, confounds: [], standardizeY: 'per-run' },
}
const computed = async (ceiling: CeilingTask['ceiling'], of = subjects, cancelled = () => false) => {
  const task: CeilingTask = { kind: 'ceiling', subjects: of, vertices: { left, right }, cleaning, ceiling }
  const fractions: number[] = []
  const context = { progress: ({ fraction }: { fraction: number }) => void fractions.push(fraction), cancelled }
  const { arrays, provenance } = await computeCeiling(task, gemm, context)
  expect(fractions.at(-1)).toBe(1)
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions)
  expect(provenance['ceiling']).toBe(ceiling)
  return Object.fromEntries(arrays.map(({ name, shape, data }) => [name, { shape, data: data as Float32Array }]))
}

/** The correlation of two single responses. */
const planted = (vertex: number) => signal(vertex) ** 2 / (signal(vertex) ** 2 + 1)

test.each(['across-subjects', 'repeats', 'as-published', 'fold-wise'] as const)(
  '%s: a map a vertex that rises with what is shared, and none where nothing varies',
  async (kind) => {
    const { ceiling, correlation } = await computed(kind)
    expect(ceiling.shape).toEqual([vertices])
    expect(ceiling.data[0]).toBeNaN()
    expect(correlation.data[0]).toBeNaN()
    const mean = (from: number) => ceiling.data.subarray(from, from + 10).reduce((a, b) => a + b, 0) / 10
    expect(mean(last - 10)).toBeGreaterThan(mean(1) + 0.3)
    for (const value of ceiling.data.subarray(1)) expect(value).toBeGreaterThanOrEqual(0)
  },
)

test('across subjects: the planted correlation, between its bounds', async () => {
  const { correlation, lower, upper, ceiling } = await computed('across-subjects')
  for (let v = 1; v < vertices; v++) {
    // Three pairs of 180 volumes: the standard error of each is at most 0.075.
    expect(Math.abs(correlation.data[v] - planted(v))).toBeLessThan(0.25)
    expect(ceiling.data[v] ** 2).toBeCloseTo(Math.max(0, correlation.data[v]), 5)
    expect(lower.data[v]).toBeLessThan(upper.data[v])
  }
})

test('repeats: of one subject alone, from the two presentations of a, and the mean presentation is more reliable', async () => {
  const all = await computed('repeats')
  expect(all['subjects'].shape).toEqual([3, vertices])
  const alone = await computed('repeats', subjects.slice(1, 2))
  expect([...alone['ceiling'].data]).toEqual([...all['subjects'].data.subarray(vertices, 2 * vertices)])
  // 45 volumes of one pair: a standard error of up to 0.15.
  for (let v = 80; v < vertices; v++) {
    expect(Math.abs(alone['correlation'].data[v] - planted(v))).toBeLessThan(0.5)
    expect(alone['splitHalf'].data[v]).toBeGreaterThan(alone['correlation'].data[v])
  }
})

test('as published lets the held-out volumes into the components; fitted in the fold it is another', async () => {
  const [published, foldwise] = [await computed('as-published'), await computed('fold-wise')]
  for (const { subjects: own } of [published, foldwise]) expect(own.shape).toEqual([3, vertices])
  expect([...published['ceiling'].data]).not.toEqual([...foldwise['ceiling'].data])
  for (let v = 1; v < vertices; v++)
    expect(Math.abs(published['correlation'].data[v] - foldwise['correlation'].data[v])).toBeLessThan(0.3)
})

test('cancelled between recordings; recordings of other length are refused with the stimulus', async () => {
  let asked = 0
  await expect(computed('fold-wise', subjects, () => asked++ > 3)).rejects.toThrowError(
    expect.objectContaining({ code: 'CANCELLED' }),
  )
  expect(asked).toBe(5)
  const short = join(folder, 'short.npy')
  await writeNpy(short, { shape: [30, vertices], data: Float32Array.from({ length: 30 * vertices }, (_, i) => i % 7) })
  const [first] = subjects
  const changed = [{ ...first, recordings: [...first.recordings.slice(0, 2), { stimulus: 'a', files: short, tr: 2 }] }]
  await expect(computed('repeats', changed)).rejects.toThrowError(
    expect.objectContaining({ code: 'SHAPE_MISMATCH', parts: expect.objectContaining({ where: { stimulus: 'a' } }) }),
  )
})
