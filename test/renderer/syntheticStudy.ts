/** A synthetic study with results, for looking at the window without an engine. Every number is made up here. */
import type { ModelOverview, ScoreMap, ScoreRow, ScoreTable, StudyOverview } from '../../src-main/contract/study.ts'
import { syntheticScores, syntheticSurface } from './syntheticCortex.ts'

const layers = [...[4, 5, 6].map((i) => `conv${i}`), ...Array.from({ length: 12 }, (_, i) => `transf${i}`)]

export const syntheticMap = syntheticSurface(50)
const vertices = syntheticMap.left.sulc.length

const ownLayers = layers.map((name, i) => ({
  name,
  units: name.startsWith('conv') ? 512 : 768,
  state: i < 14 ? ('stored' as const) : ('missing' as const),
}))

const model = (id: string, axis: 'seed' | 'steps', places: readonly number[], facts: Partial<ModelOverview>) => ({
  ...{ id, kind: 'model' as const, axis, regime: '', language: '', hours: null, steps: null, corpus: '', note: '' },
  ...{ source: '', layers: ownLayers, ...facts },
  members: places.map((at) => ({ id: `${id}@${at}`, at, source: `${facts.source} at ${at}`, layers: ownLayers })),
})

/** The native model is a series along its training, the untrained one three draws. */
const models: readonly ModelOverview[] = [
  model('w2v-native', 'steps', [0, 10_000, 50_000, 100_000, 400_000], {
    regime: 'native',
    language: 'english',
    hours: 600,
    corpus: 'a made-up corpus',
    note: 'Nothing was trained.',
    source: 'models/w2v-native',
  }),
  model('w2v-untrained', 'seed', [1, 2, 3], {
    regime: 'untrained',
    source: 'wav2vec2-base, random weights, seeds 1, 2 and 3',
  }),
]

export const syntheticOverview: StudyOverview = {
  path: '/synthetic/study.yaml',
  name: 'Synthetic study of the window',
  notice: 'Everything here is synthetic: surface, listeners and scores were made up to test the window.',
  stimuli: ['s1', 's2', 's3'].map((id) => ({
    id,
    audio: `audio/${id}.flac`,
    seconds: 121.5,
    language: 'english',
    synthetic: true,
  })),
  subjects: ['sub-01', 'sub-02', 'sub-03'].map((id) => ({
    id,
    language: 'english',
    simulated: true,
    state: 'stored' as const,
    recordings: ['s1', 's2', 's3'].map((stimulus) => ({
      ...{ stimulus, tr: 2, rate: null, volumes: 64 },
      state: 'stored' as const,
    })),
  })),
  models: [
    ...models,
    {
      id: 'mel',
      kind: 'acoustic',
      ...{ regime: '', language: '', hours: null, steps: null, corpus: '', note: '', axis: null, members: [] },
      source: '80 mel bands',
      layers: [{ name: 'mel', units: 80, state: 'stored' }],
    },
  ],
  surface: { name: syntheticMap.name, vertices: { left: vertices, right: vertices } },
  encoding: [
    { option: 'hrf', value: 'glover' },
    { option: 'folds', value: '10' },
    { option: 'alphas', value: '20 from 1e1 to 1e8' },
  ],
  notes: [],
  missingSteps: 0,
  problems: [
    {
      severity: 'warning',
      message: 'Subject sub-03 has no recording of s4',
      line: 31,
      column: 7,
      path: 'subjects[2].recordings',
      remedy: 'Add it, or leave s4 out of `stimuli`',
    },
  ],
}

const height = (modelId: string, i: number) =>
  (modelId === 'w2v-native' ? 0.16 : 0.1) * Math.exp(-(((i - 8) / 6) ** 2)) + 0.03

export const syntheticTable: ScoreTable = {
  models,
  provider: 'cpu',
  measure: { name: 'Pearson r', symbol: 'r' },
  regions: syntheticMap.regions.map(({ name }) => name),
  rows: [
    ...['w2v-native', 'w2v-untrained'].flatMap((id) =>
      layers
        .slice(0, 14)
        .map((layer, i): ScoreRow => row(id, id === 'w2v-native' ? 'native' : 'untrained', layer, height(id, i))),
    ),
    row('mel', '', 'mel', 0.035),
  ],
  ceiling: { meanR: 0.31, vertices: 4211, kind: 'across-subjects' },
  planted: [
    {
      language: 'english',
      subjects: 12,
      model: 'w2v-native',
      spearman: 0.83,
      signal: { all: { rho: 0.9, vertices: 4211 }, planted: { rho: 0.6, vertices: 900 } },
      found: { level: 0.05, planted: { found: 850, vertices: 900 }, others: { found: 12, vertices: 3311 } },
      order: [],
      responses: [{ hrf: 'glover', delay: 0, regions: 3, assumed: 'glover', score: 0.2, possible: 0.6 }],
      regions: ['anterior', 'middle', 'posterior'].map((name, i) => ({
        name,
        plantedLayer: layers[4 + 3 * i],
        recoveredLayer: layers[4 + 3 * i + (i === 1 ? 1 : 0)],
        recoveredCentre: 4.2 + 3 * i,
        plantedIndex: 4 + 3 * i,
      })),
    },
  ],
}

function row(id: string, regime: string, layer: string, meanR: number): ScoreRow {
  const overview = models.find((one) => one.id === id)
  const members = (overview?.members ?? []).map(({ id: own, at }, i, all) => {
    const share = overview?.axis === 'seed' ? 0.8 + 0.2 * i : (i + 1) / all.length
    return { id: own, at, ...scores(meanR * share) }
  })
  const spread = overview?.axis === 'seed' ? { sd: 0.2 * meanR, low: 0.8 * meanR, high: 1.2 * meanR } : null
  return { model: id, regime, layer, ...scores(meanR), spread, members }
}

function scores(meanR: number) {
  return {
    meanR,
    semR: meanR / 12,
    subjects: 3,
    ceilingShare: meanR / 0.31,
    byRegion: [NaN, meanR * 0.8, meanR * 1.6, meanR * 1.1],
  }
}

export function syntheticScoreMap(subject: string, layer: string): ScoreMap {
  const i = Math.max(0, layers.indexOf(layer))
  const centre = -0.6 + i * 0.09
  const size = height('w2v-native', i) * (subject === 'mean' ? 1 : 1.2)
  const left = syntheticScores(syntheticMap.left, centre, size)
  const right = syntheticScores(syntheticMap.right, centre, size)
  const finite = [...left, ...right].filter(Number.isFinite).sort((a, b) => a - b)
  const at = (q: number) => finite[Math.floor(q * (finite.length - 1))]
  return {
    left,
    right,
    label: 'Pearson r, mean of 10 folds',
    part: 'after 400,000 steps',
    subjects: subject === 'mean' ? 3 : 1,
    percentiles: [at(0.02), at(0.5), at(0.98)],
    key: `synthetic-${layer}`,
  }
}
