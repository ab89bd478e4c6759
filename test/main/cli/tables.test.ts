import { expect, test } from 'vitest'
import { planText, problemsText, resultsText } from '../../../src-main/cli/tables.ts'
import type { ScoreRow } from '../../../src-main/contract/study.ts'

test('problems are written as compilers write them', () => {
  expect(
    problemsText('study.yaml', [
      { severity: 'error', message: '`tr` is wrong', line: 5, column: 28, path: 'tr', remedy: 'Correct it' },
      { severity: 'warning', message: 'unused', line: 7, column: null, path: '', remedy: null },
      { severity: 'error', message: '3 more', line: null, column: null, path: '', remedy: null },
    ]),
  ).toBe(
    [
      'study.yaml:5:28: error: `tr` is wrong',
      '    Correct it',
      'study.yaml:7: warning: unused',
      'study.yaml: error: 3 more',
      'study.yaml: 2 errors, 1 warning',
    ].join('\n'),
  )
  expect(problemsText('study.yaml', [])).toBe('study.yaml: valid')
})

test('a plan tells how many windows a design computes, and how often it computes the audio', () => {
  const costs = { computed: null, kind: 'design', cached: false, seconds: 12, memoryBytes: 1.2e9, diskBytes: 3e6 }
  const text = planText({
    models: [],
    provider: 'cpu',
    steps: [
      { ...costs, id: 'a', label: 'Design of native, s1', windows: { count: 119, repetition: 1.983 } },
      { ...costs, id: 'b', label: 'Fit of native, sub-01', windows: null },
    ],
    totals: { seconds: 24, memoryBytes: 1.2e9, diskBytes: 6e6 },
  })
  expect(text.split('\n').map((line) => line.trimEnd())[0]).toMatch(/^Step +Windows +Time +Memory +Disk$/)
  expect(text).toMatch(/^Design of native, s1 +119, 2\.0x the audio +12 s +1\.2 GB +3\.0 MB$/m)
  expect(text).toMatch(/^Fit of native, sub-01 +12 s +1\.2 GB +3\.0 MB$/m)
})

test('a plan has the cost of what is missing, and its totals', () => {
  const step = {
    id: 'a',
    kind: 'design',
    cached: false,
    seconds: 12,
    memoryBytes: 1.2e9,
    diskBytes: 3e6,
    windows: null,
    computed: null,
  }
  expect(
    planText({
      models: [],
      provider: 'cpu',
      steps: [
        { ...step, label: 'Design of native, s1' },
        { ...step, label: 'Fit of native, sub-01', cached: true },
      ],
      totals: { seconds: 12, memoryBytes: 1.2e9, diskBytes: 3e6 },
    }),
  ).toBe(
    [
      'Step                           Time  Memory    Disk',
      '─────────────────────  ──────  ────  ──────  ──────',
      'Design of native, s1           12 s  1.2 GB  3.0 MB',
      'Fit of native, sub-01  cached',
      '2 steps, 1 cached              12 s  1.2 GB  3.0 MB',
    ].join('\n'),
  )
})

test('a plan and results of another provider than the CPU say so', () => {
  const said = 'Activations are computed with webgpu.'
  const totals = { seconds: 0, memoryBytes: 0, diskBytes: 0 }
  expect(planText({ models: [], provider: 'webgpu', steps: [], totals }).split('\n').at(-1)).toBe(said)
  const table = {
    models: [],
    provider: 'webgpu',
    rows: [row],
    regions: [],
    measure: { name: 'Pearson r', symbol: 'r' },
    ceiling: null,
    planted: [],
  }
  expect(resultsText(table)).toContain(`\n\n${said}\n\n`)
  expect(resultsText({ ...table, provider: null })).not.toContain('computed with')
})

const row: ScoreRow = {
  model: 'native',
  regime: 'native',
  layer: 'transf0',
  meanR: 0.1234,
  semR: 0.0121,
  subjects: 2,
  ceilingShare: 0.804,
  byRegion: [],
  spread: null,
  members: [],
}

test('results have what each space of a set explains', () => {
  const score = (name: string, mean: number) => ({ name, mean, byRegion: [] })
  const parts = [score('only mel', 0.02), score('only words', -0.001), score('mel & words', 0.01)]
  const set = { id: 'joint', of: ['mel', 'words'], solver: 'ridge', subjects: 2, score: score('joint', 0.21) }
  const table = {
    models: [],
    provider: null,
    rows: [row],
    regions: [],
    measure: { name: 'Pearson r', symbol: 'r' },
    ceiling: null,
    planted: [],
  }
  const said = resultsText({ ...table, sets: [{ ...set, partition: { measure: 'r2', unions: parts, parts } }] })
  expect(said.split('\n').slice(-6)).toEqual([
    'joint: mel, words together (ridge), mean 0.210',
    'Explained by  Mean r2',
    '────────────  ───────',
    'only mel        0.020',
    'only words     -0.001',
    'mel & words     0.010',
  ])
  expect(resultsText({ ...table, sets: [{ ...set, partition: null }] })).toMatch(/\(ridge\), mean 0.210$/)
})

test('results have scores, their share of the ceiling, and planted against recovered layers', () => {
  expect(
    resultsText({
      models: [],
      provider: 'cpu',
      rows: [row, { ...row, model: 'mel', layer: 'mel', meanR: 0.05, ceilingShare: NaN }],
      regions: [],
      ceiling: { meanR: 0.41, vertices: 1200, kind: 'across-subjects' },
      measure: { name: 'Pearson r', symbol: 'r' },
      planted: [
        {
          ...{ language: 'english', subjects: 6, model: 'native', spearman: 0.876 },
          regions: [
            { name: 'A1/A2', plantedLayer: 'conv4', recoveredLayer: 'conv5', recoveredCentre: 1.25, plantedIndex: 0 },
          ],
          signal: { all: { rho: 0.91, vertices: 20 }, planted: { rho: NaN, vertices: 1 } },
          found: { level: 0.05, planted: { found: 3, vertices: 4 }, others: { found: 0, vertices: 16 } },
          order: [{ region: 'STS', planted: ['a', 'b', 'c'], recovered: ['b', 'a', 'c'], right: 2, pairs: 3 }],
          responses: [{ hrf: 'spm', delay: 1.5, regions: 2, assumed: 'glover', score: 0.2, possible: 0.5 }],
        },
        {
          ...{ language: '', subjects: 1, model: 'native', spearman: NaN, regions: [], order: [], responses: [] },
          ...{ signal: { all: { rho: 1, vertices: 2 }, planted: { rho: 1, vertices: 2 } }, found: null },
        },
      ],
    }),
  ).toBe(
    `Model or space  Layer    Mean r     SE  Of ceiling  Subjects
──────────────  ───────  ──────  ─────  ──────────  ────────
native          transf0   0.123  0.012        80 %         2
mel             mel       0.050  0.012           –         2

Noise ceiling (across-subjects): mean r 0.410 over 1200 reliable vertices

Planted in 6 simulated listeners (english) with native, and what the analysis recovered
Region  Planted  Recovered  Planted index  Recovered centre
──────  ───────  ─────────  ─────────────  ────────────────
A1/A2   conv4    conv5                  0               1.3
Spearman's rho of planted and recovered layer over responsive vertices: 0.88
Spearman's rho of the share of signal and the mean score: 0.91 over 20 vertices, – over the 1 with a signal
Above chance (Wilcoxon, Benjamini–Hochberg, 0.05): 3 of 4 (75 %) vertices with a signal, 0 of 16 (0 %) without
Models in the order of their weights and of their scores: 2 of 3 pairs the same way round
Region  Models by weight  By score    Pairs
──────  ────────────────  ─────────  ──────
STS     a > b > c         b > a > c  2 of 3
Response: spm, 1.5 s late in 2 regions; the analysis assumes glover: it scores 0.20 of at most 0.50 there (40 %)

Planted in 1 simulated listener with native, and what the analysis recovered
Region  Planted  Recovered  Planted index  Recovered centre
──────  ───────  ─────────  ─────────────  ────────────────
Spearman's rho of planted and recovered layer over responsive vertices: –
Spearman's rho of the share of signal and the mean score: 1.00 over 2 vertices, 1.00 over the 2 with a signal
Above chance: not tested with 1 listener`,
  )
})

test('one subject has no standard error and no ceiling', () => {
  const text = resultsText({
    models: [],
    provider: 'cpu',
    rows: [{ ...row, subjects: 1, semR: NaN, ceilingShare: NaN }],
    regions: [],
    ceiling: null,
    measure: { name: 'Pearson r', symbol: 'r' },
    planted: [],
  })
  expect(text).not.toContain('SE')
  expect(text).toContain('No noise ceiling')
})

test('several seeds have a standard deviation, and a series a table along its axis', () => {
  const facts = { regime: '', language: '', hours: null, steps: null, corpus: '', note: '', source: '' }
  const member = (at: number, meanR: number) => ({ ...row, id: `x@${at}`, at, meanR })
  const seeded = { ...row, model: 'draws', members: [member(1, 0.11), member(2, 0.13)] }
  const trained = [member(0, 0.05), member(400_000, 0.2)]
  expect(
    resultsText({
      provider: 'cpu',
      models: [
        { ...facts, id: 'draws', axis: 'seed' },
        { ...facts, id: 'trained', axis: 'steps' },
        { ...facts, id: 'later', axis: 'hours' },
      ],
      rows: [
        { ...seeded, meanR: 0.12, spread: { sd: 0.0141, low: 0.11, high: 0.13 } },
        { ...row, model: 'trained', meanR: 0.2, members: trained },
        { ...row, model: 'trained', layer: 'transf1', meanR: 0.2, members: [trained[1]] },
      ],
      regions: [],
      ceiling: null,
      measure: { name: 'Pearson r', symbol: 'r' },
      planted: [],
    }),
  ).toBe(
    `Model or space  Layer    Mean r     SE  SD of seeds  Seeds  Of ceiling  Subjects
──────────────  ───────  ──────  ─────  ───────────  ─────  ──────────  ────────
draws           transf0   0.120  0.012        0.014      2        80 %         2
trained         transf0   0.200  0.012                            80 %         2
trained         transf1   0.200  0.012                            80 %         2

No noise ceiling: it needs two subjects who heard the same runs, or a stimulus heard twice

Mean r of trained along its training; the row of trained above is its last checkpoint
 steps  transf0  transf1
──────  ───────  ───────
     0    0.050        –
400000    0.200    0.200`,
  )
})
