import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveEncoding } from '../../../src-main/study/encoding.ts'
import { planSteps } from '../../../src-main/study/plan.ts'
import type { StepSpec } from '../../../src-main/study/plan.ts'
import type { Study } from '../../../src-main/study/schema.ts'
import { validStudy } from './example.ts'

const layers: Readonly<Record<string, readonly string[]>> = {
  native: ['transf0', 'transf1'],
  untrained: ['conv4'],
  mel: ['mel'],
}
const layersOf = (space: string) => layers[space] ?? []
const askedLayer = () => undefined

function planned(study: Study, volumes = 60): readonly StepSpec[] {
  return planSteps(study, { layersOf, askedLayer, volumesOf: () => volumes })
}

test('one design a space and distinct run, one fit a layer and subject, one ceiling a group', () => {
  const mel = { ...validStudy(), models: [] }
  expect(planned(mel)).toEqual([
    {
      kind: 'design',
      id: 'design:mel:s1:tr=2:volumes=60:start=0',
      label: 'Design of mel, s1',
      space: 'mel',
      run: { stimulus: 's1', tr: 2, volumes: 60, start: 0 },
    },
    {
      kind: 'design',
      id: 'design:mel:s2:tr=2:volumes=60:start=4',
      label: 'Design of mel, s2',
      space: 'mel',
      run: { stimulus: 's2', tr: 2, volumes: 60, start: 4 },
    },
    ...(
      [
        ['sub-01', ['s1:tr=2:volumes=60:start=0', 's2:tr=2:volumes=60:start=4']],
        ['sub-03', ['s1:tr=2:volumes=60:start=0', 's2:tr=2:volumes=60:start=4']],
        ['sub-02', ['s2:tr=2:volumes=60:start=4']],
      ] as const
    ).map(([subject, runs]) => ({
      kind: 'fit',
      id: `fit:mel:mel:${subject}`,
      label: `Fit of mel, ${subject}`,
      space: 'mel',
      layer: 'mel',
      subject,
      designs: runs.map((run) => `design:mel:${run}`),
    })),
    {
      kind: 'ceiling',
      id: 'ceiling:sub-01',
      label: 'Noise ceiling of 2 subjects',
      subjects: ['sub-01', 'sub-03'],
      ceiling: 'across-subjects',
    },
  ])
})

test('models come before spaces, a space’s designs before its fits, layer by layer', () => {
  const order = planned(validStudy()).map((step) =>
    'space' in step ? `${step.kind} ${step.space}${step.kind === 'fit' ? ` ${step.layer}` : ''}` : step.kind,
  )
  expect(order.filter((each, index) => each !== order[index - 1])).toEqual([
    'design native',
    'fit native transf0',
    'fit native transf1',
    'design untrained',
    'fit untrained conv4',
    'design mel',
    'fit mel mel',
    'ceiling',
  ])
})

test('recordings of other lengths, TRs or starts are other runs', () => {
  const steps = planSteps(
    { ...validStudy(), models: [] },
    { layersOf, askedLayer, volumesOf: (subject) => (subject === 'sub-03' ? 61 : 60) },
  )
  expect(steps.filter(({ kind }) => kind === 'design')).toHaveLength(4)
  expect(steps.filter(({ kind }) => kind === 'ceiling')).toEqual([])
})

describe('for any study', () => {
  const recording = fc.record({
    stimulus: fc.constantFrom('s1', 's2', 's3'),
    data: fc.constant('a.npy'),
    tr: fc.constantFrom(1.5, 2),
    start: fc.constantFrom(0, -1.5),
  })
  const subjects = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      simulated: fc.constant(false),
      recordings: fc.array(recording, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 5, selector: ({ id }) => id },
  )

  test('ids are unique, needs come first, and every subject and layer is fitted once', () => {
    fc.assert(
      fc.property(
        subjects,
        fc.array(fc.integer({ min: 10, max: 12 }), { minLength: 15, maxLength: 15 }),
        (some, volumes) => {
          const study: Study = { ...validStudy(), subjects: some }
          const volumesOf = (subject: string, recording: number) =>
            volumes[(subject.charCodeAt(0) * 3 + recording) % volumes.length] ?? 10
          const steps = planSteps(study, { layersOf, askedLayer, volumesOf })
          expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length)
          const done = new Set<string>()
          for (const step of steps) {
            if (step.kind === 'fit') for (const need of step.designs) expect(done).toContain(need)
            done.add(step.id)
          }
          const fits = steps.filter((step) => step.kind === 'fit')
          expect(fits).toHaveLength(some.length * 4)
          for (const { subject, designs } of fits) {
            const { recordings } = some.find(({ id }) => id === subject)!
            expect(designs.map((id) => id.split(':')[2])).toEqual(recordings.map(({ stimulus }) => stimulus))
          }
          const grouped = steps.flatMap((step) => (step.kind === 'ceiling' ? step.subjects : []))
          expect(new Set(grouped).size).toBe(grouped.length)
          expect(planSteps(study, { layersOf, askedLayer, volumesOf })).toEqual(steps)
        },
      ),
    )
  })
})

test('an encoding is resolved to every option’s value', () => {
  expect(resolveEncoding({ preset: 'standard', folds: 5, alphas: { from: 0, to: 3, count: 4 } })).toEqual({
    hrf: 'glover',
    oversampling: 16,
    window: 10,
    stride: 5,
    norm: 'window',
    trim: { start: 0, end: 0 },
    detrend: 0,
    highPass: null,
    confounds: [],
    scaleFeatures: 'minmax',
    standardizeX: 'per-run',
    standardizeY: 'per-run',
    folds: 5,
    gap: 0,
    alphas: { from: 0, to: 3, count: 4 },
    selection: 'leave-one-out',
    score: { measure: 'r', over: 'folds' },
    chance: { shifts: 1, seed: 1 },
    pcaX: 'none',
    pcaY: 'none',
    intercept: true,
    alpha: 'per-target',
    solver: 'ridge',
    levels: 'single',
    ceiling: 'across-subjects',
  })
  const inner = { preset: 'standard', selection: { kfold: 5 } } as const
  expect(resolveEncoding(inner)).toMatchObject({ selection: { kfold: 5 } })
  expect(resolveEncoding({ preset: 'standard' })).toMatchObject({ folds: 10, alphas: { from: 1, to: 8, count: 20 } })
})

test('tests are against shifted responses where folds have neighbours in the training, unless the study says otherwise', () => {
  const chance = (encoding: Omit<Parameters<typeof resolveEncoding>[0], 'preset'>) =>
    resolveEncoding({ preset: 'standard', ...encoding }).chance
  const shifted = { shifts: 1, seed: 1 }
  expect(chance({})).toEqual(shifted)
  expect(chance({ gap: 5 })).toEqual(shifted)
  expect(chance({ folds: 'runs' })).toBe('zero')
  expect(chance({ folds: { splits: [['s1'], ['s2']] } })).toBe('zero')
  expect(chance({ folds: 'runs', chance: { shifts: 3, seed: 2 } })).toEqual({ shifts: 3, seed: 2 })
  expect(chance({ chance: 'zero' })).toBe('zero')
  for (const preset of ['lpp', 'narratives', 'voxelwise', 'trf'] as const)
    expect(resolveEncoding({ preset }).chance).toBe('zero')
})

test('an experiment is asked of the models that have its layer, before their fits', () => {
  const steps = planSteps(validStudy(), {
    ...{ layersOf, volumesOf: () => 60 },
    askedLayer: (space) => (space === 'native' ? 'transf4' : undefined),
  })
  const asked = steps.filter(({ kind }) => kind === 'abx')
  expect(asked).toEqual([
    { kind: 'abx', id: 'abx:native', label: 'ABX of native transf4', space: 'native', layer: 'transf4' },
  ])
  const place = steps.indexOf(asked[0])
  expect(steps[place - 1].kind).toBe('design')
  expect(steps[place + 1].kind).toBe('fit')
})
