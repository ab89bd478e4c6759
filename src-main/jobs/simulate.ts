import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { HeschlError } from '../errors.ts'
import { readPlanted } from '../pipeline/planted.ts'
import type { SimulateTask } from '../pipeline/tasks.ts'
import { codeVersions } from '../pipeline/tasks.ts'
import { contentKey } from '../store/keys.ts'
import { studyInvalid } from '../study/parse.ts'
import { secondsPerSample } from '../study/schema.ts'
import type { Study } from '../study/schema.ts'
import type { KeyedStep, PlanBasis } from './keyedPlan.ts'
import { keyPlan } from './keyedPlan.ts'
import { runSteps } from './runner.ts'
import type { RunOptions } from './runner.ts'
import type { Snapshot, StudySession } from './session.ts'

/** Seconds recorded after the audio ends: the response to its last words takes about that long. */
const tail = 12

/**
 * Writes recordings for a study all of whose listeners are simulated: each run's response to the first model's layers,
 * planted in a gradient over the cortex, with noise; and the table of what was planted. Recordings that are there and
 * were made from the same inputs are kept. The designs it needs are those of the run after it, and are stored.
 *
 * @throws HeschlError STUDY_INVALID where listeners are not all simulated, or recordings are not one NPY a run
 */
export async function simulateStudy(session: StudySession, seed: number, options: RunOptions): Promise<void> {
  const snapshot = await session.refresh()
  const { study, surface } = snapshot
  checkSimulated(session, snapshot)
  const basis = await plannedBasis(session, snapshot)
  // Of a model with several members, the first is planted.
  const planted = basis.study.models[0].id
  const steps = (await keyPlan(basis, session.facts, session.store, 'designs')).filter(({ spec }) =>
    spec.kind === 'design' ? spec.space === planted : false,
  )
  const files = study.subjects.map(({ recordings }) => recordings.map(({ data }) => session.facts.path(data as string)))
  const plantedPath = session.facts.path(study.planted!)
  const key = contentKey({
    kind: 'simulate',
    version: codeVersions.simulate,
    parameters: { seed, subjects: study.subjects.length, surface: study.surface },
    inputs: steps.map((step) => step.key),
  })
  if (isCurrent(plantedPath, key) && files.flat().every((file) => existsSync(file))) return
  await runSteps(session, { ...snapshot, basis, steps }, options)
  const layers = basis.layers.get(planted)!
  const task: SimulateTask = {
    kind: 'simulate',
    seed,
    key,
    model: planted,
    layers,
    designs: runsOf(study, steps).map((step) =>
      layers.map((layer) => {
        const { shape, data } = session.store.array(step.key, layer)
        return { rows: shape[0], cols: shape[1], data: data as Float32Array }
      }),
    ),
    tr: secondsPerSample(study.subjects[0].recordings[0]),
    surface: surface!,
    files,
    planted: plantedPath,
  }
  options.progress({
    step: 'Simulating listeners',
    stepsDone: steps.length,
    stepsTotal: steps.length + 1,
    stepsCached: 0,
    fraction: 0.9,
    secondsLeft: null,
    rate: '',
  })
  await options.compute.run(task, { progress: () => undefined })
}

/** The design step of each run, in the order of the subjects' recordings. */
function runsOf(study: Study, steps: readonly KeyedStep[]): readonly KeyedStep[] {
  return study.subjects[0].recordings.map(({ stimulus }) =>
    steps.find(({ spec }) => spec.kind === 'design' && spec.run.stimulus === stimulus)!,
  )
}

function checkSimulated(session: StudySession, { study, surface, problems }: Snapshot): void {
  const first = study.subjects[0].recordings
  const alike = study.subjects.every(
    ({ simulated, recordings }) =>
      simulated &&
      recordings.length === first.length &&
      recordings.every(
        ({ data, stimulus, tr, start }, i) =>
          typeof data === 'string' &&
          data.endsWith('.npy') &&
          stimulus === first[i].stimulus &&
          tr !== undefined &&
          tr === first[0].tr &&
          start === first[i].start,
      ),
  )
  if (!alike || study.planted === undefined || study.models.length === 0)
    throw new HeschlError('STUDY_INVALID', 'Listeners of this study cannot be simulated', {
      where: { file: session.path },
      expected:
        'a model; `planted`; subjects with `simulated: true`, the same runs and TR, and one .npy file a recording',
      found: 'a study that lacks one of these',
      remedy: 'See the study file that `heschl demo` writes',
    })
  // What is missing because it is about to be written is no problem; anything else is.
  const others = problems.filter(({ path, severity }) => severity === 'error' && !/recordings|planted/.test(path))
  if (!surface || others.length > 0) throw studyInvalid(session.path, others)
}

/** The plan's basis with as many volumes as the audio needs, since there is no recording yet to count them in. */
async function plannedBasis(session: StudySession, { study, basis, seconds }: Snapshot): Promise<PlanBasis> {
  const volumes = new Map(
    study.subjects.map(({ id, recordings }) => [
      id,
      recordings.map((recording) =>
        Math.ceil((recording.start + seconds.get(recording.stimulus)! + tail) / secondsPerSample(recording)),
      ),
    ]),
  )
  for (const recording of study.subjects.flatMap(({ recordings }) => recordings))
    if (!existsSync(dirname(session.facts.path(recording.data as string))))
      throw new HeschlError('FILE_MISSING', 'The folder for the simulated recordings is missing', {
        where: { file: dirname(session.facts.path(recording.data as string)) },
        remedy: 'Make the folder',
      })
  return { ...basis!, study: { ...study, models: basis!.study.models }, volumes }
}

function isCurrent(planted: string, key: string): boolean {
  return existsSync(planted) && readPlanted(planted).key === key
}
