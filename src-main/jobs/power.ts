import type { PowerRow, PowerTask } from '../pipeline/power.ts'
import { roleOf } from '../pipeline/findings/roles.ts'
import type { FitTask } from '../pipeline/tasks.ts'
import { HeschlError } from '../errors.ts'
import { resolveEncoding } from '../study/encoding.ts'
import { axisOf, membersOf } from '../study/members.ts'
import { secondsPerSample } from '../study/schema.ts'
import type { Study, Subject } from '../study/schema.ts'
import type { ArrayReport, PowerArgument } from './engineHandle.ts'
import { plannedFits } from './exportFit.ts'
import type { KeyedFit } from './exportFit.ts'
import { versions } from './provenance.ts'
import { oneStep } from './oneStep.ts'
import type { RunOptions } from './runner.ts'
import type { Snapshot, StudySession } from './session.ts'

/** Stands in a contrast for a score of 0, or for that of responses shifted in time where the study has it. */
const chance = 'chance'

/**
 * How many subjects, and how many of its runs, a study's contrast needs; from the study's own subjects as a pilot, fitted
 * to their first runs too, or for an effect that is assumed.
 * @throws HeschlError STUDY_INVALID; OPTION_INVALID; FILE_MISSING before it was run
 */
export async function runPower(
  session: StudySession,
  argument: PowerArgument,
  options: RunOptions,
): Promise<ArrayReport> {
  const { study: path, contrast, region, layer, effect, ...how } = argument
  const asked = { study: path, contrast, region: region ?? null, layer: layer ?? 'mean', ...how }
  const tell = oneStep(options)
  const task = async (pilots: PowerTask['pilots']): Promise<readonly PowerRow[]> => {
    const { power, alpha, alternative, studies, seed } = how
    const given = effect === undefined ? {} : { effect }
    const { provenance } = await options.compute.run(
      { kind: 'power', pilots, ...given, options: { power, alpha, alternative }, studies, seed },
      { progress: ({ fraction }) => tell('Simulating studies', 0.9 + 0.1 * fraction) },
    )
    return provenance.rows as readonly PowerRow[]
  }
  if (effect !== undefined) return { ...versions(), ...asked, simulated: false, rows: await task([]) }
  const planned = await plannedFits(session)
  const pilot = await scoresOf(session, planned, argument, options, tell)
  const simulated = planned.study.subjects.some((subject) => subject.simulated)
  return { ...versions(), ...asked, simulated, rows: await task(pilot) }
}

type Planned = Snapshot & { readonly fits: readonly KeyedFit[] }

/** The pilot's differences, for the first run, the first two, and so on. */
async function scoresOf(
  session: StudySession,
  planned: Planned,
  { contrast, region, layer }: PowerArgument,
  options: RunOptions,
  tell: (step: string, fraction: number) => void,
): Promise<PowerTask['pilots']> {
  const { study } = planned
  const targets = targetsIn(planned, region)
  const shifted = resolveEncoding(study.encoding).chance !== 'zero'
  const pairs = study.subjects.flatMap((subject) => {
    const [a, b] = contrast.map((name) => (name === chance ? [] : fitsOf(planned, subject, name, layer)))
    return a.length > 0 && (b.length > 0 || contrast[1] === chance) ? [{ subject, sides: [a, b] }] : []
  })
  if (pairs.length < 2)
    throw new HeschlError('OPTION_INVALID', 'A pilot needs two subjects who have both sides of the contrast', {
      expected: `two names among ${namesIn(study).join(', ')}; the second may be ${chance}`,
      found: `${contrast.join(', ')}${layer === undefined ? '' : ` at ${layer}`}: ${pairs.length} subjects`,
      remedy: 'Correct --contrast or --layer; without a pilot, give --effect',
    })
  const fits = pairs.flatMap(({ sides }) => sides.flat())
  const missing = fits.find(({ key }) => !session.store.has(key))
  if (missing)
    throw new HeschlError('FILE_MISSING', 'These scores have not been computed yet', {
      where: { file: session.path, step: missing.spec.label },
      remedy: 'Run the study first: heschl run',
    })
  const runs = runsOf(study, Math.min(...pairs.map(({ subject }) => subject.recordings.length)))
  const means = new Map<string, Means>()
  // One space and layer after the other: subjects share its decomposition.
  const ordered = fits.toSorted((x, y) => (groupOf(x) < groupOf(y) ? -1 : 1))
  let done = 0
  for (const count of runs)
    for (const fit of ordered) {
      if (options.cancelled()) throw new HeschlError('CANCELLED', 'Cancelled')
      const recorded = study.subjects.find(({ id }) => id === fit.spec.subject)!.recordings.length
      tell(fit.spec.label, (0.9 * done++) / (runs.length * ordered.length))
      means.set(
        `${fit.key} ${count}`,
        await meanOf(session, { fit, shifted }, count === recorded ? null : count, targets, options),
      )
    }
  return runs.map((count) => ({
    runs: count,
    minutes: averageOf(pairs.map(({ subject }) => minutesOf(planned, subject, count))),
    differences: pairs.map(({ sides }) => {
      const [a, b] = sides.map((side) => side.map(({ key }) => means.get(`${key} ${count}`)!))
      const above = (side: readonly Means[]) => averageOf(side.map(({ mean, chance }) => mean - chance))
      return above(a) - (b.length === 0 ? 0 : above(b))
    }),
  }))
}

const groupOf = ({ spec }: KeyedFit) => `${spec.space} ${spec.layer}`
const averageOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Over the targets: their scores, and what they score by chance. */
interface Means {
  readonly mean: number
  readonly chance: number
}

/**
 * @param runs null: all of them, whose scores are stored
 * @param shifted whether scores of chance are stored, too
 */
async function meanOf(
  { store }: StudySession,
  { fit, shifted }: { readonly fit: KeyedFit; readonly shifted: boolean },
  runs: number | null,
  targets: Uint32Array,
  options: RunOptions,
): Promise<Means> {
  if (runs !== null) {
    const task = { kind: 'regionScore', fit: fit.task() as FitTask, runs, targets } as const
    return (await options.compute.run(task, { progress: () => undefined })).provenance as unknown as Means
  }
  const meanIn = (name: string) => {
    const map = store.array(fit.key, name).data as Float32Array
    return averageOf([...targets].map((v) => map[v]).filter(Number.isFinite))
  }
  return { mean: meanIn('r'), chance: shifted ? meanIn('chance') : 0 }
}

/** All fits that are a side of the contrast to a subject: layers and seeds, of a series the last checkpoint. */
function fitsOf({ study, fits }: Planned, subject: Subject, name: string, layer: string | undefined): KeyedFit[] {
  const { models } = study
  const own = models.filter(({ id }) => id === name)
  const listener = { language: subject.language ?? '' }
  const sides =
    own.length > 0 ? own : models.filter(({ regime, language = '' }) => roleOf({ regime, language }, listener) === name)
  const members = sides.flatMap((model) => {
    const all = membersOf(model).map(({ id }) => id)
    return axisOf(model) === 'seed' || axisOf(model) === null ? all : all.slice(-1)
  })
  if (study.spaces.some(({ id }) => id === name)) members.push(name)
  return fits.filter(
    ({ spec }) =>
      spec.subject === subject.id &&
      members.includes(spec.space) &&
      (layer === undefined || spec.layer === layer || spec.layer === spec.space),
  )
}

const namesIn = ({ models, spaces }: Study) => [
  ...[...models, ...spaces].map(({ id }) => id),
  ...new Set(models.map(({ regime }) => regime)),
]

function targetsIn({ surface, basis }: Planned, region: string | undefined): Uint32Array {
  if (basis!.electrodes.size > 0)
    throw new HeschlError('OPTION_INVALID', 'Power is of studies of a cortex', {
      expected: 'recordings of the vertices of a surface',
      found: 'recordings of electrodes, which subjects do not share',
    })
  const { left, right, regions } = surface!
  const labels = [...left.labels, ...right.labels]
  if (region === undefined) return Uint32Array.from(labels.keys())
  const index = regions.findIndex(({ name }, i) => i > 0 && name === region)
  if (index > 0) return Uint32Array.from(labels.keys()).filter((v) => labels[v] === index)
  throw new HeschlError('OPTION_INVALID', `There is no region "${region}"`, {
    expected: regions
      .slice(1)
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 500),
    found: region,
    remedy: 'Correct --region',
  })
}

/** Numbers of first runs that can be fitted: folds that hold out runs need several, named ones all. */
function runsOf({ encoding }: Study, most: number): readonly number[] {
  const { folds, selection } = resolveEncoding(encoding)
  const least = typeof folds === 'object' ? most : folds === 'runs' ? (selection === 'runs' ? 3 : 2) : 1
  const all = Array.from({ length: most }, (_, i) => i + 1)
  return all.filter((count) => count >= Math.min(least, most))
}

function minutesOf({ basis }: Planned, { id, recordings }: Subject, runs: number): number {
  const volumes = basis!.volumes.get(id)!
  return recordings.slice(0, runs).reduce((sum, one, i) => sum + (volumes[i] * secondsPerSample(one)) / 60, 0)
}
