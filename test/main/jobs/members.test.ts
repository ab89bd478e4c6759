import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeCheckpoint } from '../../../src-main/activations/writeCheckpoint.ts'
import type { ScoreRow, ScoreTable, StudyOverview } from '../../../src-main/contract/study.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { runStudy } from '../../support/runStudy.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

let folder: string
let path: string
let engine: EngineHandle
/** The study with single seeds, before it had models of several members. */
let single: { readonly table: ScoreTable; readonly keys: readonly string[] }
let overview: StudyOverview
let table: ScoreTable
let cached: readonly string[]

const layers = ['conv6', 'transf0']

const run = () => runStudy(engine, path)

const map = (model: string, layer: string, subject = 'mean') =>
  engine.call('scoreMap', { study: path, subject, model, layer })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-members-'))
  const study = await makeSmallStudy(folder, { layers })
  path = study.path
  engine = await startEngine({ spawn: 'child_process' })
  await run()
  const keys = ['w2v-1', 'w2v-2'].flatMap((model) => layers.map(async (layer) => (await map(model, layer)).key))
  single = { table: await engine.call('scoreTable', { study: path }), keys: await Promise.all(keys) }

  for (const seed of [3, 1]) await writeCheckpoint('wav2vec2-demo', seed, join(folder, `weights-${seed}`))
  const text = readFileSync(path, 'utf8').replace(
    /models:[^]*?(?=spaces:)/,
    `models:
  - {id: draws, regime: untrained, architecture: wav2vec2-demo, seeds: 2, layers: [${layers.join(', ')}]}
  - {id: training, regime: native, language: english, hours: 600, corpus: none, note: two draws in place of a training,
     layers: [${layers.join(', ')}],
     series: {axis: steps, checkpoints: [{at: 400000, checkpoint: weights-1}, {at: 0, checkpoint: weights-3}]}}
`,
  )
  writeFileSync(path, text)
  const plan = await engine.call('plan', { study: path })
  cached = plan.steps.filter((step) => step.cached).map(({ label }) => label)
  await run()
  overview = await engine.call('openStudy', { path })
  table = await engine.call('scoreTable', { study: path })
}, 120_000)

afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const rowOf = (from: ScoreTable, model: string, layer: string): ScoreRow =>
  from.rows.find((row) => row.model === model && row.layer === layer)!

test('seeds that were computed as models of their own are not computed again', () => {
  expect(cached.filter((label) => label.includes('draws'))).toHaveLength(12)
  expect(cached.filter((label) => label.includes('training'))).toEqual([])
})

test('each seed has the scores that it had as a model of its own, under the same key', async () => {
  const keys = ['draws@1', 'draws@2'].flatMap((model) => layers.map(async (layer) => (await map(model, layer)).key))
  expect(await Promise.all(keys)).toEqual(single.keys)
  for (const layer of layers)
    for (const [i, member] of rowOf(table, 'draws', layer).members.entries()) {
      const { model, regime, layer: own, spread, members, ...scores } = rowOf(single.table, `w2v-${i + 1}`, layer)
      expect(member).toEqual({ id: `draws@${i + 1}`, at: i + 1, ...scores })
      expect({ own, regime, spread, members }).toEqual({ own: layer, regime: 'untrained', spread: null, members: [] })
      expect(model).toBe(`w2v-${i + 1}`)
    }
})

test('the score of several seeds is their mean, a map vertex by vertex, with the spread over them', async () => {
  for (const layer of layers) {
    const row = rowOf(table, 'draws', layer)
    const [a, b] = row.members
    expect(row.meanR).toBeCloseTo((a.meanR + b.meanR) / 2, 12)
    expect(row.spread!.sd).toBeCloseTo(Math.abs(a.meanR - b.meanR) / Math.SQRT2, 12)
    expect([row.spread!.low, row.spread!.high]).toEqual([a.meanR, b.meanR].toSorted((x, y) => x - y))
    expect(row.subjects).toBe(2)
    expect(row.byRegion[0]).toBeNaN()
    for (const [i, value] of row.byRegion.entries())
      if (i > 0) expect(value).toBeCloseTo((a.byRegion[i] + b.byRegion[i]) / 2, 6)
    const [mean, first, second] = await Promise.all(['draws', 'draws@1', 'draws@2'].map((model) => map(model, layer)))
    expect([mean.label, mean.part]).toEqual(['Pearson r, mean of 4 folds and 2 subjects', 'mean of 2 seeds'])
    expect([first.label, first.part]).toEqual([mean.label, ''])
    for (const [v, value] of mean.left.entries()) expect(value).toBeCloseTo((first.left[v] + second.left[v]) / 2, 6)
    expect(await map('draws', layer, 'sub-01')).toMatchObject({ label: 'Pearson r, mean of 4 folds', part: mean.part })
  }
})

test('the standard error is over subjects, each the mean of its seeds', async () => {
  const row = rowOf(table, 'draws', 'conv6')
  const means = await Promise.all(
    ['sub-01', 'sub-02'].map(async (subject) => {
      const { left, right } = await map('draws', 'conv6', subject)
      return [...left, ...right].reduce((sum, r) => sum + r, 0) / (left.length + right.length)
    }),
  )
  expect(row.semR).toBeCloseTo(Math.abs(means[0] - means[1]) / 2, 6)
})

test('maps of a grid are those of the scores, each with its own failure', async () => {
  const of = (model: string, subject = 'mean') => ({ models: [model], layer: 'conv6', subject })
  const answers = await engine.call('maps', {
    study: path,
    correction: 'benjamini-hochberg',
    maps: [
      { kind: 'score', of: of('draws') },
      { kind: 'difference', of: of('draws'), less: of('mel') },
      { kind: 'difference', of: of('draws'), less: of('training') },
      { kind: 'share', of: of('draws') },
      { kind: 'preferred', of: of('draws'), layers },
      { kind: 'p', of: of('draws'), less: of('training') },
      { kind: 'score', of: { ...of('draws'), models: ['draws@1', 'draws@2'] } },
      { kind: 'score', of: of('nobody') },
      { kind: 'score', of: of('draws', 'sub-01') },
    ],
  })
  const failed = answers.map((answer) => (answer.ok ? '' : answer.error.code))
  // mel has no such layer; the study's ceiling is there; nobody is no model.
  expect(failed).toEqual(['', 'FILE_MISSING', '', '', '', '', '', 'FILE_MISSING', ''])
  const [scores, , difference, share, preferred, p, both, , one] = answers.map((answer) =>
    answer.ok ? answer.map : null,
  )
  const draws = await map('draws', 'conv6')
  expect(scores).toMatchObject({ ...draws, subjects: 2 })
  expect(both!.left).toEqual(scores!.left)
  expect(scores!.significance!.test).toContain('Benjamini–Hochberg over 84 vertices')
  // The study's folds are contiguous: tests are against shifted responses, of differences too.
  for (const { significance } of [scores!, difference!, p!])
    expect(significance!.test).toContain('each less the score of the same responses shifted in time')
  expect(one!.significance).toBeNull()
  const [training, other] = [await map('training', 'conv6'), await map('draws', 'transf0')]
  for (const [v, value] of difference!.right.entries())
    expect(value).toBeCloseTo(scores!.right[v] - training.right[v], 6)
  expect(difference!.label).toBe('Difference of Pearson r, mean of 2 subjects')
  for (const [v, value] of preferred!.left.entries()) {
    const best = Math.max(scores!.left[v], other.left[v])
    if (best > 0) expect([scores!.left[v], other.left[v]][value]).toBe(best)
    else expect(value).toBeNaN()
  }
  // Responses of noise have no reliable vertex.
  expect(share!.left).toHaveLength(scores!.left.length)
  for (const [v, value] of p!.left.entries()) expect(10 ** -value).toBeCloseTo(p!.significance!.left[v], 5)
})

test('a series has the scores of its last checkpoint, and each of them in order', async () => {
  for (const layer of layers) {
    const row = rowOf(table, 'training', layer)
    expect(row.members.map(({ id, at }) => [id, at])).toEqual([
      ['training@0', 0],
      ['training@400000', 400000],
    ])
    const { id, at, ...last } = row.members[1]
    expect(row).toMatchObject(last)
    expect(row.spread).toBeNull()
    // The checkpoint at the end was written from seed 1: the same weights by another way.
    expect(last.meanR).toBeCloseTo(rowOf(single.table, 'w2v-1', layer).meanR, 4)
    expect(Math.abs(row.members[0].meanR - last.meanR)).toBeGreaterThan(1e-4)
    const [own, end] = await Promise.all([map('training', layer), map(id, layer)])
    expect(own.key).toBe(end.key)
    expect(at).toBe(400000)
    expect([own.part, end.part]).toEqual(['after 400,000 steps', ''])
  }
})

test('what the study says of a model goes with it, into the window, the plan and the results', async () => {
  const facts = [
    {
      ...{ id: 'draws', regime: 'untrained', language: '', hours: null, steps: null, corpus: '', note: '' },
      ...{ source: 'wav2vec2-demo, random weights, seeds 1 and 2', axis: 'seed' },
    },
    {
      ...{ id: 'training', regime: 'native', language: 'english', hours: 600, steps: null, corpus: 'none' },
      ...{ note: 'two draws in place of a training', source: '2 checkpoints, 0 to 400,000 steps of training' },
      axis: 'steps',
    },
  ]
  expect(table.models).toEqual(facts)
  expect((await engine.call('plan', { study: path })).models).toEqual(facts)
  expect(overview.models.slice(0, 2)).toMatchObject(facts)
  expect(overview.models.map(({ members }) => members.map(({ id, at, source }) => [id, at, source]))).toEqual([
    [
      ['draws@1', 1, 'wav2vec2-demo, random weights, seed 1'],
      ['draws@2', 2, 'wav2vec2-demo, random weights, seed 2'],
    ],
    [
      ['training@0', 0, 'weights-3'],
      ['training@400000', 400000, 'weights-1'],
    ],
    [],
  ])
  expect(overview.models.flatMap(({ layers: own }) => own.map(({ state }) => state))).not.toContain('missing')
})

test('a member that is not computed yet leaves its model partly computed', async () => {
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('seeds: 2', 'seeds: [1, 9]'))
  const [draws] = (await engine.call('openStudy', { path })).models
  expect(draws.layers.map(({ state }) => state)).toEqual(['partial', 'partial'])
  expect(draws.members.map(({ layers: own }) => own[0].state)).toEqual(['stored', 'missing'])
  const row = rowOf(await engine.call('scoreTable', { study: path }), 'draws', 'conv6')
  expect(row.members.map(({ at }) => at)).toEqual([1])
  expect(row.spread).toBeNull()
  await expect(map('draws@9', 'conv6')).rejects.toThrow('These scores have not been computed yet')
})

test('a checkpoint of a series that cannot be read is told, and the others stay', async () => {
  rmSync(join(folder, 'weights-3'), { recursive: true })
  const { problems, models } = await engine.call('openStudy', { path })
  expect(problems.map(({ path: at }) => at)).toEqual(['models[1].series.checkpoints[1].checkpoint'])
  expect(models[1].members.map(({ layers: own }) => own.length)).toEqual([0, 2])
  expect(models[1].layers.map(({ state }) => state)).toEqual(['stored', 'stored'])
})
