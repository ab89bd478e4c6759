import type { Gemm } from '../linalg/gemm.ts'
import { contiguousFolds } from '../encoding/folds.ts'
import { interSubjectCeiling, othersCeiling, splitHalf } from '../scoring/index.ts'
import { clearRun, cleanRun } from './cleanRun.ts'
import { throwIfCancelled } from './context.ts'
import type { NamedArray, StepContext, StepResult } from './context.ts'
import { checkMemory } from './memory.ts'
import { stackRows } from './responseCache.ts'
import { loadResponses } from './responses.ts'
import type { CeilingTask, RecordingFiles } from './tasks.ts'

/** Millet et al. (2022): components of either side, folds, and scikit-learn's default alphas. */
const published = { components: 100, folds: 10, alphas: [0.1, 1, 10] } as const

/**
 * Noise ceiling [vertices], one subject in memory at a time; `correlation` is what it was made from, before the root or
 * the cut at 0, for telling reliable vertices (scoring/ceiling.ts). What else is stored depends on the kind:
 * `across-subjects` has the bounds `lower` and `upper`; the others have each subject's own in `subjects` [subjects,
 * vertices], and `repeats` the reliability of the mean presentation in `splitHalf`.
 */
export async function computeCeiling(task: CeilingTask, gemm: Gemm, context: StepContext): Promise<StepResult> {
  const arrays = await compute(task, gemm, context)
  return { arrays, provenance: { subjects: task.subjects.length, ceiling: task.ceiling } }
}

function compute(task: CeilingTask, gemm: Gemm, context: StepContext): Promise<readonly NamedArray[]> {
  if (task.ceiling === 'across-subjects') return acrossSubjects(task, context)
  return task.ceiling === 'repeats' ? acrossRepeats(task, context) : fromOthers(task, gemm, context)
}

async function acrossSubjects(task: CeilingTask, context: StepContext): Promise<readonly NamedArray[]> {
  const targets = targetsOf(task)
  const ceiling = interSubjectCeiling(targets)
  const passes = [ceiling.add, ceiling.compare]
  for (const [pass, take] of passes.entries()) {
    for (const [i, { subject, recordings }] of task.subjects.entries()) {
      for (const [run, recording] of recordings.entries())
        take(`${run} ${recording.stimulus}`, await cleared(task, subject, recording, context))
      context.progress({ fraction: (pass + (i + 1) / task.subjects.length) / passes.length })
    }
  }
  return maps(targets, { ...ceiling.finish(), ...ceiling.bounds() })
}

/** Each subject by itself: the presentations of a stimulus against one another, stimuli weighted by their volumes. */
async function acrossRepeats(task: CeilingTask, context: StepContext): Promise<readonly NamedArray[]> {
  const targets = targetsOf(task)
  const each: Float32Array[] = []
  const reliabilities: Float32Array[] = []
  for (const [i, { subject, recordings }] of task.subjects.entries()) {
    const ceiling = interSubjectCeiling(targets)
    const repeated = [...Map.groupBy(recordings, ({ stimulus }) => stimulus)].filter(([, own]) => own.length > 1)
    const halves: { readonly weight: number; readonly map: Float32Array }[] = []
    for (const [stimulus, own] of repeated) {
      let half: ReturnType<typeof splitHalf> | undefined
      let volumes = 0
      for (const recording of own) {
        const response = await cleared(task, subject, recording, context)
        ceiling.add(stimulus, response)
        volumes = response.rows
        half ??= splitHalf(volumes, targets)
        half.add(response)
      }
      if (half) halves.push({ weight: volumes, map: half.finish().reliability })
    }
    each.push(ceiling.finish().correlation)
    reliabilities.push(weightedMean(halves, targets))
    context.progress({ fraction: (i + 1) / task.subjects.length })
  }
  const equal = (all: readonly Float32Array[]) =>
    weightedMean(
      all.map((map) => ({ weight: 1, map })),
      targets,
    )
  const correlation = equal(each)
  const root = (map: Float32Array) => map.map((value) => Math.sqrt(Math.max(0, value)))
  return [
    ...maps(targets, { ceiling: root(correlation), correlation, splitHalf: equal(reliabilities) }),
    bySubject(each.map(root), targets),
  ]
}

/** Each subject from the mean of the others (scoring/othersCeiling.ts). */
async function fromOthers(task: CeilingTask, gemm: Gemm, context: StepContext): Promise<readonly NamedArray[]> {
  const targets = targetsOf(task)
  const pause = () => {
    throwIfCancelled(context)
    return new Promise<void>((resolve) => setImmediate(resolve))
  }
  const runsOf = async ({ subject, recordings }: CeilingTask['subjects'][number]) => {
    const runs = []
    for (const recording of recordings) {
      throwIfCancelled(context)
      runs.push(await cleanRun(await loaded(task, subject, recording), recording, task.cleaning))
    }
    return stackRows(runs)
  }
  let ceiling: ReturnType<typeof othersCeiling> | undefined
  let samples = 0
  for (const subject of task.subjects) {
    const y = await runsOf(subject)
    samples = y.rows
    // The sum, a subject twice and in its runs; inner products, the operator and what they are made from.
    checkMemory(
      'This noise ceiling',
      16 * samples * targets + 80 * samples ** 2,
      'Choose the ceiling `across-subjects`',
    )
    ceiling ??= othersCeiling(samples, targets)
    ceiling.add(y)
  }
  const { components, alphas } = published
  const folds = contiguousFolds(samples, published.folds)
  const fitted = task.ceiling === 'as-published' ? 'all' : 'training-fold'
  const each: Float32Array[] = []
  for (const [i, subject] of task.subjects.entries()) {
    each.push(await ceiling!.score(await runsOf(subject), { folds, components, alphas, fitted }, gemm, pause))
    context.progress({ fraction: (i + 1) / task.subjects.length })
  }
  const correlation = weightedMean(
    each.map((map) => ({ weight: 1, map })),
    targets,
  )
  return [...maps(targets, { ceiling: correlation.map((r) => Math.max(0, r)), correlation }), bySubject(each, targets)]
}

/** A run without its trend, drifts and confounds. */
async function cleared(task: CeilingTask, subject: string, recording: RecordingFiles, context: StepContext) {
  throwIfCancelled(context)
  return clearRun(await loaded(task, subject, recording), recording, task.cleaning)
}

const loaded = ({ vertices }: CeilingTask, subject: string, { files, stimulus, rule }: RecordingFiles) =>
  loadResponses(files, vertices, { subject, stimulus }, undefined, rule)

const targetsOf = ({ vertices: { left, right } }: CeilingTask) => left + right

const maps = (targets: number, named: Readonly<Record<string, Float32Array>>): NamedArray[] =>
  Object.entries(named).map(([name, data]) => ({ name, shape: [targets], data }))

function bySubject(each: readonly Float32Array[], targets: number): NamedArray {
  const data = new Float32Array(each.length * targets)
  for (const [s, map] of each.entries()) data.set(map, s * targets)
  return { name: 'subjects', shape: [each.length, targets], data }
}

/** Each vertex over the maps that have a number there. */
function weightedMean(
  list: readonly { readonly weight: number; readonly map: Float32Array }[],
  targets: number,
): Float32Array {
  return Float32Array.from({ length: targets }, (_, j) => {
    let [sum, total] = [0, 0]
    for (const { weight, map } of list) {
      if (Number.isNaN(map[j])) continue
      sum += weight * map[j]
      total += weight
    }
    return sum / total
  })
}
