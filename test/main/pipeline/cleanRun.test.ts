import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nuisanceBasis, removeNuisance } from '../../../src-main/cleaning/nuisance.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { cleanRun, clearRun, trimRows } from '../../../src-main/pipeline/cleanRun.ts'
import type { Cleaning } from '../../../src-main/pipeline/cleanRun.ts'

const raw: Cleaning = {
  trim: { start: 0, end: 0 },
  detrend: 0,
  highPass: null,
  confounds: [],
  standardizeY: 'none',
}

/** [40, 3], made by a formula: a slope, a wave, and both with an offset. */
function recording(): Matrix32 {
  const data = new Float32Array(120)
  for (let v = 0; v < 40; v++) data.set([v + Math.sin(v * v), Math.sin(v / 3), 50 - v + Math.cos(5 * v)], 3 * v)
  return { data, rows: 40, cols: 3 }
}

let folder = ''
const table = (name: string, text: string) => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'heschl-clean-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const motion = Array.from({ length: 40 }, (_, v) => [Math.sin(v * 1.3), v % 7, Math.cos(v)])
const motionTable = () =>
  table('c.tsv', ['trans_x\tcsf\trot_z', ...motion.map((row) => row.join('\t'))].join('\n') + '\n')

const column = ({ data, rows, cols }: Matrix32, c: number) => Array.from({ length: rows }, (_, v) => data[v * cols + c])
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('nothing asked for, nothing changed', async () => {
  expect(await cleanRun(recording(), { tr: 2 }, raw)).toEqual(recording())
})

test('the ends are cut off before the run is scaled', async () => {
  const options = { ...raw, trim: { start: 10, end: 5 }, standardizeY: 'per-run' as const }
  const run = await cleanRun(recording(), { tr: 2 }, options)
  expect([run.rows, run.cols]).toEqual([25, 3])
  for (let c = 0; c < 3; c++) {
    const values = column(run, c)
    expect(mean(values)).toBeCloseTo(0, 5)
    expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 5)
  }
})

test('the columns named are regressed out, in the volumes that are left', async () => {
  const confounds = motionTable()
  const options = { ...raw, trim: { start: 4, end: 6 }, detrend: 1, confounds: ['rot_z', 'trans_x'] }
  const run = await clearRun(recording(), { tr: 2, confounds }, options)
  const kept = motion.slice(4, 34)
  const rows = Float64Array.from(kept.flatMap(([x, , z]) => [z, x]))
  const expected = trimRows(recording(), options.trim)
  removeNuisance(expected, nuisanceBasis(30, { tr: 2, trend: 1, confounds: { data: rows, rows: 30, cols: 2 } }))
  expect(run).toEqual(expected)
  const dot = kept.reduce((sum, [x], v) => sum + (x - mean(kept.map(([value]) => value))) * run.data[3 * v], 0)
  expect(Math.abs(dot)).toBeLessThan(1e-4)
})

describe('refused, with the file', () => {
  const options = { ...raw, confounds: ['csf'] }
  const refused = async (text: string, confounds = options.confounds) => {
    const file = table('bad.tsv', text)
    const error: unknown = await clearRun(recording(), { tr: 2, confounds: file }, { ...raw, confounds }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(HeschlError)
    expect((error as HeschlError).parts.where?.file).toBe(file)
    return error as HeschlError
  }
  const rows = (count: number, value = '1') => Array.from({ length: count }, () => value)
  test('a column that is not there', async () => {
    expect((await refused(['wm', ...rows(40)].join('\n'))).summary).toMatch(/no column "csf"/)
  })
  test('a table of another length', async () => {
    expect((await refused(['csf', ...rows(39)].join('\n'))).code).toBe('SHAPE_MISMATCH')
  })
  test('text, with its line', async () => {
    const error = await refused(['csf', ...rows(2), 'much', ...rows(37)].join('\n'))
    expect(error.parts.where?.line).toBe(4)
  })
  test('n/a in the first volume, as derivatives have it; not when that volume is trimmed', async () => {
    const text = ['csf', 'n/a', ...motion.slice(1).map(([x]) => String(x))].join('\n')
    expect((await refused(text)).code).toBe('NUMERICAL')
    const file = table('ok.tsv', text)
    const trimmed = { ...options, trim: { start: 1, end: 0 } }
    expect((await clearRun(recording(), { tr: 2, confounds: file }, trimmed)).rows).toBe(39)
  })
  test('trimming that leaves nothing', () => {
    expect(() => trimRows(recording(), { start: 20, end: 18 })).toThrow(/leaves nothing/)
  })
})
