/** A fit gives the same bits however its targets are divided, read, resumed, shared by threads and ordered. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ScoreThreads } from '../../../src-main/encoding/scoreThreads.ts'
import { giftiFunctional, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import type { NamedArray, StepContext, StepPart } from '../../../src-main/pipeline/context.ts'
import { computeFit, SharedRidge } from '../../../src-main/pipeline/fits.ts'
import { ResponseCache } from '../../../src-main/pipeline/responseCache.ts'
import type { FitTask } from '../../../src-main/pipeline/tasks.ts'
import { resolveEncoding } from '../../../src-main/study/encoding.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-stripes-'))
const gemm = await createGemm({ threads: 1 })
const threads = new Map([1, 2, 3].map((count) => [count, new ScoreThreads(count)]))
afterAll(async () => {
  await gemm.close()
  for (const each of threads.values()) await each.close()
  rmSync(folder, { recursive: true })
})

const volumes = [40, 35]
const features = 12
const vertices = { left: 500, right: 420 }
const targets = vertices.left + vertices.right

const { normal } = seededRandom(1)
const noise = (length: number) => Float32Array.from({ length }, () => normal())
const designs = volumes.map((rows) => ({ rows, cols: features, data: noise(rows * features) }))

/** The same responses as NumPy's arrays and as a GIFTI file a hemisphere. */
const recordings: Record<'npy' | 'gifti' | 'other', FitTask['recordings'][number][]> = { npy: [], gifti: [], other: [] }

beforeAll(async () => {
  for (const [run, rows] of volumes.entries()) {
    const { data: x } = designs[run]
    const data = noise(rows * targets)
    for (let i = 0; i < data.length; i++) data[i] += (i % 3) * x[Math.floor(i / targets) * features + (i % features)]
    const at = (name: string) => join(folder, `${run}.${name}`)
    await writeNpy(at('npy'), { shape: [rows, targets], data })
    await writeNpy(at('other.npy'), { shape: [rows, targets], data: noise(rows * targets) })
    const half = (from: number, to: number) => {
      const rowsOf = Array.from({ length: rows }, (_, row) => [...data.slice(row * targets + from, row * targets + to)])
      return { rows, cols: to - from, data: Float32Array.from(rowsOf.flat()) }
    }
    await writeGifti(at('left.func.gii'), giftiFunctional(half(0, vertices.left), 2))
    await writeGifti(at('right.func.gii'), giftiFunctional(half(vertices.left, targets), 2))
    const stimulus = `run-${run}`
    recordings.npy.push({ stimulus, files: at('npy'), tr: 2 })
    recordings.other.push({ stimulus, files: at('other.npy'), tr: 2 })
    recordings.gifti.push({ stimulus, files: { left: at('left.func.gii'), right: at('right.func.gii') }, tr: 2 })
  }
})

interface How {
  readonly files?: keyof typeof recordings
  readonly width?: number
  /** Bytes that responses may take between steps. */
  readonly cache?: number
  readonly memory?: number
  readonly threads?: number
  readonly context?: Partial<StepContext>
  readonly shared?: SharedRidge
}

const encoding = resolveEncoding({ preset: 'standard', folds: 5, detrend: 1, standardizeY: { robust: [5, 95] } })

async function fit({ files = 'npy', width, cache = 1e9, memory, shared = new SharedRidge(), ...how }: How = {}) {
  const task: FitTask = {
    ...({ kind: 'fit', designKey: 'x', subject: files, identity: '', vertices, encoding } as const),
    ...{ designs, recordings: recordings[files], ...(memory !== undefined && { memory }) },
  }
  const computing = { gemm, ...(how.threads !== undefined && { threads: threads.get(how.threads)! }) }
  const context = { progress: () => {}, cancelled: () => false, ...how.context }
  return computeFit(task, shared, new ResponseCache(cache), computing, context, width)
}

/** Name, shape and bits. */
const bits = (arrays: readonly NamedArray[]) =>
  arrays.map(({ name, shape, data }) => [
    name,
    shape.join(),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
  ])

describe('the same bits', () => {
  const tiny = { memory: 1 }
  test.each<readonly [string, How]>([
    ['in stripes of 300', { width: 300 }],
    ['in stripes of one target more than half', { width: targets / 2 + 1 }],
    ['read a stripe at a time', { width: 300, ...tiny }],
    ['read a stripe at a time, and nothing kept', { width: 123, cache: 0, ...tiny }],
    ['GIFTI files', { files: 'gifti' }],
    ['GIFTI files, read a stripe at a time, which hemispheres do not end', { files: 'gifti', width: 333, ...tiny }],
    ['by one scoring thread', { threads: 1 }],
    ['by two', { threads: 2 }],
    ['by three, in stripes', { threads: 3, width: 300 }],
  ])('%s', async (_, how) => {
    const whole = await fit()
    expect(whole.arrays.map(({ name, shape }) => [name, shape])).toEqual([
      ['r', [targets]],
      ['alpha', [5, targets]],
      ['chance', [targets]],
    ])
    expect(bits((await fit(how)).arrays)).toEqual(bits(whole.arrays))
  })

  test('whichever subject comes first', async () => {
    const shared = new SharedRidge()
    const first = [await fit({ shared }), await fit({ files: 'other', shared })]
    const other = new SharedRidge()
    const second = [await fit({ files: 'other', shared: other }), await fit({ shared: other })]
    expect(bits(second[1].arrays)).toEqual(bits(first[0].arrays))
    expect(bits(second[0].arrays)).toEqual(bits(first[1].arrays))
  })
})

describe('a fit that is interrupted', () => {
  /** Fits until so many stripes are kept, then cancels. */
  async function interrupted(stripes: number): Promise<readonly StepPart[]> {
    const kept: StepPart[] = []
    const context = {
      cancelled: () => kept.length >= stripes,
      parts: { stored: [], keep: (part: StepPart) => void kept.push(part) },
    }
    await expect(fit({ width: 200, context })).rejects.toMatchObject({ code: 'CANCELLED' })
    return kept
  }

  test.each([1, 3])('after %i of 5 stripes goes on from there, with the same bits', async (stripes) => {
    const stored = await interrupted(stripes)
    // No stripe was begun after the wish to stop.
    expect(stored.map(({ place }) => place)).toEqual(Array.from({ length: stripes }, (_, i) => i))
    const kept: number[] = []
    const parts = { stored, keep: ({ place }: StepPart) => void kept.push(place) }
    const resumed = await fit({ width: 200, context: { parts } })
    expect(kept).toEqual([0, 1, 2, 3, 4].slice(stripes))
    expect(resumed.provenance).toMatchObject({ stripes: { count: 5, resumed: stripes } })
    expect(bits(resumed.arrays)).toEqual(bits((await fit()).arrays))
  })

  test.each(['reading', 'preparing', 'scoring'])('stops while %s, at the next unit of work', async (stage) => {
    let asked = 0
    let scoring = false
    let kept = 0
    const context: StepContext = {
      cancelled: () => stage === 'preparing' || scoring || (stage === 'reading' && ++asked > 1),
      progress: ({ fraction }) => {
        scoring ||= stage === 'scoring' && fraction > 0
      },
      parts: { stored: [], keep: () => void kept++ },
    }
    await expect(fit({ context, width: 100 })).rejects.toMatchObject({ code: 'CANCELLED' })
    // The stripe that was being scored may have been finished; no other was begun.
    expect(kept).toBeLessThanOrEqual(stage === 'scoring' ? 1 : 0)
  })
})
