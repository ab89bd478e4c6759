/** Places, stimuli and the quality of recordings, asked of an engine as a window asks. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Argument } from '../../../src-main/contract/procedures.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { finished, runStudy } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import { main } from '../cli/heschl.ts'

let folder: string
let study: string
let engine: EngineHandle

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-inspecting-'))
  const made = await makeSmallStudy(folder, { layers: ['conv6'] })
  study = made.path
  writeFileSync(join(folder, 'words.tsv'), 'onset\tduration\ttext\n1\t0.5\tbefore\n18\t1\tlater\n')
  const text = readFileSync(study, 'utf8')
    .replace('audio: run-1.wav,', 'audio: run-1.wav, words: words.tsv,')
    .replace(/ {2}- \{id: w2v-2.*\n/, '')
    .replace('folds: 4,', 'folds: 4, trim: {start: 1, end: 0},')
  writeFileSync(study, text)
  engine = await startEngine({ spawn: 'child_process' })
  await engine.call('openStudy', { path: study })
}, 60_000)

afterAll(async () => {
  await engine?.close()
  rmSync(folder, { recursive: true, force: true })
})

const point = (subject: string, place: Argument<'pointScores'>['place'] = { hemisphere: 'right', vertex: 7 }) => ({
  ...{ subject, model: 'w2v-1', layer: 'conv6', place },
})
const ask = (points: Argument<'inspect'>['points'], more: Partial<Argument<'inspect'>> = {}) =>
  engine.call('inspect', { study, lane: 'test', points, window: 6, weights: false, ...more })

test('before a run: quality is there for the asking, and says what will be dropped; scores are not', async () => {
  await expect(ask([point('sub-01')])).rejects.toMatchObject({ code: 'FILE_MISSING' })
  expect((await engine.call('qualityReport', { study })).missing).toBe(6)
  const unseen = engine.call('recordingQuality', { study, subject: 'sub-02', run: 0 })
  await expect(unseen).rejects.toMatchObject({ code: 'FILE_MISSING' })
  const job = await engine.call('checkQuality', { study })
  expect(await finished(engine, job)).toMatchObject({ state: 'done', error: null })
  const report = await engine.call('qualityReport', { study })
  expect(report.missing).toBe(0)
  expect(report.recordings).toHaveLength(4)
  expect(report.recordings[0]).toMatchObject({
    ...{ subject: 'sub-01', volumes: 14, seconds: 28, looked: { targets: 84, constant: 0, notFinite: 0 } },
    dropped: [{ what: 'volumes at the start', count: 1, of: 14, why: 'encoding.trim.start' }],
  })
  expect(report.stimuli[0]).toMatchObject({ words: 2, heard: 2, rate: 16_000, looked: { clipped: 0 } })
  // The same recording in NPY and in GIFTI files gives the same numbers in kind.
  for (const subject of ['sub-01', 'sub-02']) {
    const one = await engine.call('recordingQuality', { study, subject, run: 1 })
    expect([one.globalSignal.length, one.tsnr.length, one.first]).toEqual([14, 84, 0])
    expect(one.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(84)
  }
})

test('time courses of vertices and regions: the stored score, folds with their alphas, moments on the time of the sound', async () => {
  await runStudy(engine, study)
  const region = { region: 'front', hemisphere: 'left' } as const
  for (const subject of ['sub-01', 'sub-02']) {
    const [vertex, front] = await ask([point(subject), point(subject, region)])
    expect(vertex.score).toBe(vertex.stored)
    expect(Math.abs(front.score - front.stored)).toBeLessThan(1e-9)
    expect(front.place.targets).toBe(front.scored)
    expect(vertex.runs).toMatchObject([
      { stimulus: 'run-1', tr: 2, samples: 13, first: 2, window: 3 },
      { stimulus: 'run-2', samples: 13 },
    ])
    expect(vertex.measured).toHaveLength(26)
    expect(vertex.folds.map(({ alpha }) => alpha).every((alpha) => alpha !== null && alpha >= 1)).toBe(true)
    expect(vertex.delay.seconds).toBeGreaterThan(3)
    for (const { recorded, heard } of vertex.moments)
      expect(recorded[0] - heard[0]).toBeCloseTo(vertex.delay.seconds, 9)
  }
  const [weighted] = await ask([point('sub-01')], { weights: true })
  expect(weighted.weights?.groups).toEqual([{ label: 'conv6', units: weighted.weights?.weights.length }])
})

test('scores by layer are those of the maps, with an interval over subjects', async () => {
  const { rows, measure } = await engine.call('pointScores', { study, place: { hemisphere: 'left', vertex: 3 } })
  expect(measure.symbol).toBe('r')
  expect(rows.map(({ model, layer }) => [model, layer])).toEqual([
    ['w2v-1', 'conv6'],
    ['mel', 'mel'],
  ])
  const map = await engine.call('scoreMap', { study, subject: 'mean', model: 'w2v-1', layer: 'conv6' })
  expect(Math.abs(rows[0].mean - map.left[3])).toBeLessThan(1e-7)
  // Student's t of one degree of freedom: 12.7062 standard errors.
  const [a, b] = rows[0].values
  expect(rows[0].high - rows[0].mean).toBeCloseTo((12.7062047 * Math.abs(a - b)) / 2, 6)
})

test('what is asked for takes the place of what was asked before, in its lane alone', async () => {
  const first = ask([point('sub-01'), point('sub-02')])
  const other = engine.call('inspect', { study, lane: 'other', points: [point('sub-01')], window: 6, weights: false })
  const second = ask([point('sub-02')])
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
  expect((await second)[0].point.subject).toBe('sub-02')
  expect((await other)[0].point.subject).toBe('sub-01')
})

test('a distance along the cortex, and p by signed ranks, are computed for who asks', async () => {
  const asked = engine.call('ruler', { study, lane: 'ruler', hemisphere: 'left', from: 0, to: 5 })
  const { length, starts, ends, shares } = await asked
  const { folded } = (await engine.call('surface', { study })).left
  expect(length).toBeGreaterThanOrEqual(
    Math.hypot(folded[15] - folded[0], folded[16] - folded[1], folded[17] - folded[2]) - 1e-3,
  )
  expect([starts.length, ends.length]).toEqual([shares.length, shares.length])
  const of = { models: ['w2v-1'], layer: 'conv6', subject: 'mean' }
  const [answer] = await engine.call('maps', {
    ...{ study, maps: [{ kind: 'p', of, less: null, test: 'wilcoxon' }], correction: 'none' },
  })
  // Two subjects, four signs: no p below a quarter.
  expect(answer).toMatchObject({ ok: true, map: { label: expect.stringContaining('Wilcoxon signed-rank') as string } })
  const map = answer.ok ? [...answer.map.left, ...answer.map.right].filter((value) => !Number.isNaN(value)) : []
  expect(map.length).toBeGreaterThan(0)
  expect(Math.max(...map)).toBeCloseTo(-Math.log10(0.25), 5)
})

test('stimuli: peaks and words of a stretch, silence outside; parts to play are WAV files', async () => {
  const view = await engine.call('stimulusView', { study, stimulus: 'run-1', from: -10, to: 20, columns: 300 })
  expect(view.seconds).toBeCloseTo(23.7, 3)
  expect(view.peaks.subarray(0, 200).every((value) => value === 0)).toBe(true)
  expect(view.peaks.subarray(200).some((value) => value > 0.05)).toBe(true)
  expect(view.mel).toHaveLength(300 * view.bands)
  expect(view.words.map(({ text }) => text)).toEqual(['before', 'later'])
  const [first, last] = [0, 1].map((part) => engine.call('stimulusAudio', { study, stimulus: 'run-1', part }))
  expect(await first).toMatchObject({ part: 0, parts: 2, start: 0 })
  const { wav } = await last
  expect(new TextDecoder().decode(wav.subarray(0, 4))).toBe('RIFF')
  expect(new DataView(wav.buffer, wav.byteOffset).getUint32(24, true)).toBe(16_000)
  expect(wav.length).toBe(44 + 2 * Math.round(3.7 * 16_000))
  await expect(engine.call('stimulusAudio', { study, stimulus: 'run-1', part: 2 })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})

test('what there is not is told: a vertex, a region, a layer, a stimulus', async () => {
  const wrong = [
    ask([point('sub-01', { hemisphere: 'left', vertex: 99_999 })]),
    ask([point('sub-01', { region: 'nowhere' })]),
    ask([point('sub-01', { electrode: 'G1' })]),
    ask([{ ...point('sub-01'), layer: 'transf99' }]),
    engine.call('stimulusView', { study, stimulus: 'run-9', from: 0, to: 1, columns: 2 }),
  ]
  for (const asked of wrong)
    await expect(asked).rejects.toMatchObject({ code: expect.stringMatching(/OPTION_INVALID|CANCELLED/) as string })
})

test('the same from the shell', async () => {
  await engine.close()
  const out = join(folder, 'out')
  const told = execFileSync(
    process.execPath,
    [
      main,
      'inspect',
      study,
      '--vertex',
      'right:7',
      '--subject',
      'sub-02',
      '--model',
      'w2v-1',
      '--layer',
      'conv6',
      '--out',
      out,
      '--json',
    ],
    { stdio: 'pipe' },
  )
  const report = JSON.parse(told.toString()) as {
    readonly stored: number
    readonly tables: Readonly<Record<string, readonly object[]>>
  }
  expect(report.tables['timecourse']).toHaveLength(26)
  const lines = readFileSync(join(out, 'timecourse.tsv'), 'utf8').trim().split('\n')
  expect(lines).toHaveLength(27)
  const shares = lines.slice(1).map((line) => Number(line.split('\t')[6]))
  expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - report.stored)).toBeLessThan(1e-6)
})
