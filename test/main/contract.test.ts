import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { FigurePage } from '../../src-main/contract/figurePage.ts'
import {
  argumentSchemas,
  type Argument,
  type ProcedureName,
  type Procedures,
} from '../../src-main/contract/procedures.ts'

const names = Object.keys(argumentSchemas) as ProcedureName[]

const draft: Omit<Argument<'checkDraft'>, 'request'> = {
  path: '/data',
  tasks: ['story'],
  space: null,
  file: '/data/derivatives/heschl/study.yaml',
  name: 'A study',
  surface: null,
  preset: 'standard',
  tr: null,
  subjects: [{ id: 'sub-01', language: 'english' }],
  stimuli: [],
  withoutSubjects: ['sub-02'],
  withoutStimuli: [],
  models: [{ id: 'a', regime: 'native', language: 'english', source: { checkpoint: '/models/a' } }],
}

const page: FigurePage = {
  ...{ 'heschl-figure': 1, title: '', width: 180, height: 120, dpi: 300, letters: 'a', panels: [] },
  ...{ caption: '', methods: '', made: { heschl: '0.1.0', study: 'study.yaml', sources: [] } },
}

/** An argument that each procedure takes. */
const good: { readonly [Name in ProcedureName]: Argument<Name> } = {
  hello: {},
  recentStudies: {},
  forgetStudy: { path: '/studies/a/study.yaml' },
  pickStudy: {},
  openStudy: { path: '/studies/a/study.yaml' },
  validateStudy: { path: '/studies/a/study.yaml' },
  surface: { study: 's' },
  scoreMap: { study: 's', subject: 'mean', model: 'w2v', layer: 'transf3' },
  maps: {
    study: 's',
    maps: [{ kind: 'score', of: { models: ['w2v'], layer: 'transf3', subject: 'mean' } }],
    correction: 'none',
  },
  ruler: { study: 's', lane: 'window', hemisphere: 'left', from: 0, to: 12 },
  scoreTable: { study: 's' },
  pointScores: { study: 's', place: { hemisphere: 'left', vertex: 12 } },
  inspect: {
    ...{ study: 's', lane: 'window', window: 10, weights: false },
    points: [{ subject: 'sub-01', model: 'w2v', layer: 'transf3', place: { region: 'STG', hemisphere: 'left' } }],
  },
  stopInspecting: { lane: 'window' },
  stimulusView: { study: 's', stimulus: 'run-1', from: -2, to: 30, columns: 800 },
  stimulusAudio: { study: 's', stimulus: 'run-1', part: 0 },
  checkQuality: { study: 's' },
  qualityReport: { study: 's' },
  recordingQuality: { study: 's', subject: 'sub-01', run: 0 },
  plan: { study: 's' },
  run: { study: 's' },
  cancel: { job: 'j1' },
  jobs: {},
  moveJob: { job: 'j1', before: 'j2' },
  jobLog: { job: 'j1' },
  clearJobs: { job: 'j1' },
  layouts: {},
  keepLayout: { layout: { left: 256, jobs: true, tab: 'cortex' } },
  nameLayout: { name: 'wide', layout: { left: 400 } },
  remembered: { study: '/studies/a/study.yaml' },
  remember: { study: '/studies/a/study.yaml', what: 'pins', text: '[]' },
  pickFolder: {},
  readFolder: { path: '/data', tasks: ['story'], space: 'fsaverage5', request: 'r1' },
  stopReading: { request: 'r1' },
  findModels: { path: '/models', request: 'r2' },
  checkDraft: { ...draft, request: 'r3' },
  writeDraft: { ...draft, replace: false },
  newWindow: { study: '/studies/a/study.yaml' },
  finding: { study: 's', figure: 'scores', options: { layer: 'mean' } },
  methods: { study: 's' },
  pages: { study: 's' },
  savePage: { study: 's', name: 'Figure 1', page },
  exportPage: { study: 's', name: 'Figure 1', page, format: 'pdf', export: 'e1' },
  stopExport: { export: 'e1' },
  saveFigure: { svg: '<svg/>', format: 'png', scale: 2, name: 'figure' },
}

/** Keys in which null says something: the end of the queue, all jobs, no study. */
const nullable = new Set([
  'moveJob.before',
  'clearJobs.job',
  'nameLayout.layout',
  'newWindow.study',
  ...['space', 'surface', 'tr'].flatMap((key) => [`checkDraft.${key}`, `writeDraft.${key}`, `readFolder.${key}`]),
])

const accepts = (name: ProcedureName, argument: unknown) => argumentSchemas[name].safeParse(argument).success

describe.each(names)('%s', (name) => {
  test('takes its argument, as it is', () => {
    expect(argumentSchemas[name].parse(good[name])).toEqual(good[name])
  })

  test('refuses a key it does not know, a key that is missing, and anything but an object', () => {
    expect(accepts(name, { ...good[name], extra: 1 })).toBe(false)
    for (const key of Object.keys(good[name])) {
      const rest = Object.fromEntries(Object.entries(good[name]).filter(([other]) => other !== key))
      expect(accepts(name, rest)).toBe(false)
    }
    for (const value of [undefined, null, 'text', 1, true, [], [good[name]]]) expect(accepts(name, value)).toBe(false)
  })

  test('refuses a value of another type in any key', () => {
    for (const [key, own] of Object.entries(good[name])) {
      const others = [undefined, null, { a: {} }, [], true, Number.NaN, () => 1].filter(
        (value) =>
          !(value === null && nullable.has(`${name}.${key}`)) &&
          !(Array.isArray(value) && Array.isArray(own)) &&
          !(value === true && own === false),
      )
      for (const value of others) expect(accepts(name, { ...good[name], [key]: value })).toBe(false)
    }
  })

  test('never throws, whatever a window sends', () => {
    fc.assert(fc.property(fc.anything(), (value) => typeof accepts(name, value) === 'boolean'))
  })

  test('does not hand on a prototype that a window made up', () => {
    const sent = JSON.parse('{"__proto__": {"polluted": true}}') as object
    const parsed = argumentSchemas[name].safeParse({ ...good[name], ...sent })
    expect(parsed.success && 'polluted' in parsed.data).toBe(false)
    expect(({} as { polluted?: true }).polluted).toBeUndefined()
  })
})

describe('limits', () => {
  const figure = good.saveFigure

  test('a path or an id has at most 4,096 characters', () => {
    expect(accepts('openStudy', { path: 'a'.repeat(4096) })).toBe(true)
    expect(accepts('openStudy', { path: 'a'.repeat(4097) })).toBe(false)
    expect(accepts('scoreMap', { ...good.scoreMap, layer: 'a'.repeat(4097) })).toBe(false)
  })

  test.each([
    ['scale', 0.5, true],
    ['scale', 8, true],
    ['scale', 0.49, false],
    ['scale', 8.01, false],
    ['scale', Number.POSITIVE_INFINITY, false],
    ['format', 'svg', true],
    ['format', 'pdf', false],
    ['name', 'a'.repeat(200), true],
    ['name', 'a'.repeat(201), false],
  ])('a figure with %s %s: %s', (key, value, taken) => {
    expect(accepts('saveFigure', { ...figure, [key]: value })).toBe(taken)
  })

  test('a figure has at most 64 MiB of SVG', () => {
    const most = 64 * 1024 * 1024
    expect(accepts('saveFigure', { ...figure, svg: ' '.repeat(most) })).toBe(true)
    expect(accepts('saveFigure', { ...figure, svg: ' '.repeat(most + 1) })).toBe(false)
  })
})

test('every procedure has a schema, a result and one argument', () => {
  expectTypeOf<keyof Procedures>().toEqualTypeOf<ProcedureName>()
  expectTypeOf<Parameters<Procedures['scoreMap']>[0]>().toEqualTypeOf<
    Record<'study' | 'subject' | 'model' | 'layer', string>
  >()
  expect([...names].sort()).toEqual(Object.keys(good).sort())
})
