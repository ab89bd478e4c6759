import { expect, test } from 'vitest'
import { compareRecords, parseRecord, type FigureRecord } from '../../../../src-main/jobs/host/figures/figureRecord.ts'

const hash = (digit: number) => digit.toString(16).repeat(64)
const record = (key: number, subjects: readonly { id: string; key: string }[] | undefined): FigureRecord =>
  parseRecord(
    JSON.stringify({
      ...{ heschl: 1, figure: 'scores', study: { name: 'a', file: 'study.yaml' }, key: hash(key), options: {} },
      ...{ encoding: [], sources: [], subjects, versions: {}, drawing: hash(0), tables: {} },
      print: { widthMm: 180, dpi: 300, theme: 'light' },
    }),
    'scores.svg',
  ) as FigureRecord

test('subjects whose recordings are others, who are gone and who are new are named, a dozen at most', () => {
  const subjects = Array.from({ length: 400 }, (_, i) => ({ id: `s${i}`, key: hash(1) }))
  const then = record(1, subjects)
  const changed = subjects.map(({ id }, i) => ({ id, key: hash(i < 20 ? 2 : 1) }))
  const now = record(2, [...changed.slice(0, -1), { id: 'new', key: hash(3) }])
  expect(compareRecords(then, now).changes).toEqual([
    'subjects s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 and 8 more: their recordings are others',
    'subject s399: its scores are no longer used',
    'subject new: its scores are used now',
  ])
  // What went in is the same; and a figure of an earlier version does not know.
  expect(compareRecords(then, record(1, changed)).changes).toEqual([])
  expect(compareRecords(record(1, undefined), now).changes).toEqual([
    expect.stringContaining('the code of the analysis'),
  ])
})
