/** What Why here knows of a place, made up: nothing in it is a result. */
import type { Inspection, PointScores } from '../../src-main/contract/inspect.ts'

export const syntheticInspection: Inspection = {
  point: { subject: 's', model: 'm', layer: 'l', place: { hemisphere: 'left', vertex: 1 } },
  place: { place: { hemisphere: 'left', vertex: 1 }, label: 'left 1', hemisphere: 'left', region: '', targets: 1 },
  ...{
    part: '',
    measure: { name: 'Pearson r', symbol: 'r' },
    stored: 0.2,
    score: 0.2,
    scored: 1,
    unit: 'SD of the run',
  },
  runs: [
    { stimulus: 'a', tr: 2, samples: 3, first: 1, seconds: 8, window: 2 },
    { stimulus: 'b', tr: 2, samples: 4, first: -1, seconds: 9, window: 2 },
  ],
  measured: Float32Array.of(0, 1, 2, 1, 3, 1, 3),
  predicted: Float32Array.of(0, 1, 0, NaN, 5, 5, 5),
  contribution: Float64Array.of(0.1, 0.1, -0.1, 0, 0.2, 0, -0.3),
  drop: new Float64Array(7),
  fold: Int32Array.of(0, 0, 0, -1, 1, 1, 1),
  folds: [{ samples: 3, score: 0.2, alpha: 10 }],
  moments: [
    {
      kind: 'carries',
      from: 4,
      to: 6,
      run: 1,
      recorded: [1, 5],
      heard: [-4, 0],
      drop: 0.02,
      contribution: 0.2,
      words: '<b>',
    },
  ],
  delay: { seconds: 5, words: 'the peak' },
  weights: {
    weights: Float64Array.of(1, -3, 2, 0),
    spreads: Float64Array.of(1, 1, 2, 1),
    groups: [
      { label: 'l, 1 TR later', units: 2 },
      { label: 'l, 2 TRs later', units: 2 },
    ],
    names: [],
  },
}

const row = (layer: string, mean: number) => ({
  ...{
    model: 'm',
    regime: 'native',
    language: '',
    kind: 'model' as const,
    layer,
    mean,
    low: mean - 0.1,
    high: mean + 0.1,
  },
  ...{ subjects: ['s', 't'], values: Float64Array.of(mean, mean) },
})
export const syntheticPointScores: PointScores = {
  place: syntheticInspection.place,
  measure: syntheticInspection.measure,
  rows: [row('transf1', 0.2), row('transf0', 0.1), row('transf2', NaN)],
  ceiling: { kind: 'across-subjects', r: 0.5, reliable: true },
}
