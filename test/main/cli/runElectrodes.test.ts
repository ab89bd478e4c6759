/** `heschl run` of recordings of electrodes at 100 Hz: temporal response functions, scores by electrode. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScoreTable } from '../../../src-main/contract/study.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import type { NpyArray } from '../../../src-main/formats/npy.ts'
import { writeNpz } from '../../../src-main/formats/npz.ts'
import { overviewOf } from '../../../src-main/jobs/overview.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { Groups } from '../../../src-main/jobs/groups.ts'
import { Results } from '../../../src-main/jobs/results.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { loudness } from '../../support/electrodeStudy.ts'
import { wavBytes } from '../../support/smallStudy.ts'
import { normal } from '../linalg/random.ts'
import { heschl } from './heschl.ts'

const seconds = 24
const samples = 100 * seconds
/** Seconds by which electrodes follow the sound. */
const delays = { A1: 0.12, A3: 0.3, B2: 0.05 }

let folder: string

function recording(names: readonly string[], loud: Float64Array, seed: number): NpyArray {
  const next = normal(seed)
  const data = Float32Array.from({ length: samples * names.length }, (_, i) => {
    const [t, name] = [Math.floor(i / names.length), names[i % names.length]]
    const delay = delays[name as keyof typeof delays] as number | undefined
    const heard = delay === undefined ? 0 : (loud[t - Math.round(100 * delay)] ?? 0)
    return 5 + heard + 0.3 * next()
  })
  return { shape: [samples, names.length], data }
}

const electrodes = { a: ['A1', 'A2', 'A3'], b: ['B3', 'B2', 'B1'] }
/** Of b's runs: the columns in an order of each, a trigger among them, and an electrode that is bad in the second. */
const channels = {
  s1: ['TRIG\tTRIG\tgood', 'B1\tECOG\tgood', 'B3\tECOG\tgood', 'B2\tECOG\tgood'],
  s2: ['B2\tECOG\tgood', 'B1\tECOG\tgood', 'TRIG\tTRIG\tgood', 'B3\tECOG\tbad'],
}
const study = `heschl: 1
name: electrodes
surface: schematic
stimuli:
  - {id: s1, audio: s1.wav}
  - {id: s2, audio: s2.wav}
subjects:
  - id: a
    recordings:
      - {stimulus: s1, data: a-s1.npy, rate: 100, electrodes: a.tsv}
      - {stimulus: s2, data: a-s2.npy, rate: 100, electrodes: a.tsv}
  - id: b
    recordings:
      - {stimulus: s1, data: 'b.npz:s1', rate: 100, electrodes: b.tsv, channels: b-s1_channels.tsv}
      - {stimulus: s2, data: 'b.npz:s2', rate: 100, electrodes: b.tsv, channels: b-s2_channels.tsv}
spaces:
  - {id: loud, acoustic: rms}
encoding: {preset: trf}
`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-electrodes-'))
  const runs: Record<string, NpyArray> = {}
  for (const [i, stimulus] of ['s1', 's2'].entries()) {
    const loud = loudness(20 + i, samples)
    const next = normal(30 + i)
    const audio = Float32Array.from({ length: 16_000 * seconds }, (_, t) => 0.03 * loud[Math.floor(t / 160)] * next())
    writeFileSync(join(folder, `${stimulus}.wav`), wavBytes([audio], 16_000))
    await writeNpy(join(folder, `a-${stimulus}.npy`), recording(electrodes.a, loud, 40 + 2 * i))
    const rows = channels[stimulus as keyof typeof channels]
    const names = rows.map((row) => row.split('\t')[0])
    runs[stimulus] = recording(names, loud, 41 + 2 * i)
    writeFileSync(join(folder, `b-${stimulus}_channels.tsv`), ['name\ttype\tstatus', ...rows].join('\n'))
  }
  await writeNpz(join(folder, 'b.npz'), runs)
  for (const [subject, names] of Object.entries(electrodes)) {
    const rows = names.map((name, i) => `${name}\t${-50 - i}\t${10 * i}\t5`)
    writeFileSync(join(folder, `${subject}.tsv`), ['name\tx\ty\tz', ...rows].join('\n'))
  }
  writeFileSync(join(folder, 'study.yaml'), study)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('r² of every electrode of every subject; those that follow the sound are predicted', async () => {
  const { code, stdout, stderr } = await heschl(folder, 'run', 'study.yaml', '--json', '--scores', 'scores.tsv')
  expect([code, stderr.includes('error')]).toEqual([0, false])
  const { table } = JSON.parse(stdout) as { table: ScoreTable }
  expect(table.regions).toEqual(['a:A1', 'a:A2', 'a:A3', 'b:B1', 'b:B2'])
  const [{ byRegion, subjects }] = table.rows
  expect(subjects).toBe(2)
  for (const [i, name] of table.regions.entries()) {
    if (name.slice(2) in delays) expect(byRegion[i]).toBeGreaterThan(0.5)
    else expect(byRegion[i]).toBeLessThan(0.05)
  }
  expect(table.ceiling).toBeNull()
  const [header, line] = readFileSync(join(folder, 'scores.tsv'), 'utf8').trim().split('\n')
  const cells = new Map(header.split('\t').map((column, i) => [column, line.split('\t')[i]]))
  expect(Number(cells.get('region:b:B2'))).toBeCloseTo(byRegion[4], 6)
}, 120_000)

test('a window is shown the table; of the cortex nothing is known', async () => {
  const session = new StudySession(join(folder, 'study.yaml'), new Providers())
  try {
    const snapshot = await session.refresh()
    expect(snapshot.problems.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', expect.stringMatching(/2 of 4 channels are analysed/)],
    ])
    expect(overviewOf(session, snapshot).subjects[0].recordings[0]).toMatchObject({ tr: 0.01, volumes: samples })
    const results = new Results(session, snapshot, new Groups(session.store))
    const map = await results.map({ study: session.path, subject: 'a', model: 'loud', layer: 'loud' })
    expect(map.left).toHaveLength(snapshot.surface!.left.sulc.length)
    expect([...map.left, ...map.right].every(Number.isNaN)).toBe(true)
    expect(map.percentiles[2]).toBeGreaterThan(0.5)
  } finally {
    session.close()
  }
}, 60_000)

test('lags that are longer recompute the fits and nothing else', async () => {
  writeFileSync(
    join(folder, 'study.yaml'),
    study.replace('{preset: trf}', '{preset: trf, hrf: {lags: {from: -0.1, to: 0.2}}}'),
  )
  const { code, stdout } = await heschl(folder, 'plan', 'study.yaml', '--json')
  expect(code).toBe(0)
  const { steps } = JSON.parse(stdout) as { steps: { kind: string; cached: boolean }[] }
  expect(steps.map(({ kind, cached }) => `${kind} ${cached}`)).toEqual([
    ...['design true', 'design true', 'fit false', 'fit false'],
  ])
}, 60_000)
