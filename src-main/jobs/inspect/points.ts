import type { InspectedMoment, InspectedPoint, InspectedRun, Inspection } from '../../contract/inspect.ts'
import { HeschlError } from '../../errors.ts'
import type { StepResult } from '../../pipeline/context.ts'
import { logspace } from '../../pipeline/cost.ts'
import { responseDelay } from '../../pipeline/inspect/delay.ts'
import type { InspectFacts } from '../../pipeline/inspect/inspect.ts'
import { meanAt } from '../../pipeline/inspect/pointScores.ts'
import { unitNames, weightGroups } from '../../pipeline/inspect/weightGroups.ts'
import type { FitTask, InspectTask } from '../../pipeline/tasks.ts'
import { resolveEncoding } from '../../study/encoding.ts'
import type { ResolvedEncoding } from '../../study/encoding.ts'
import { axisOf, membersOf } from '../../study/members.ts'
import { secondsPerSample } from '../../study/schema.ts'
import type { Subject } from '../../study/schema.ts'
import type { KeyedFit } from '../exportFit.ts'
import type { KeyedStep } from '../keyedPlan.ts'
import { measures } from '../results.ts'
import type { Snapshot, StudySession } from '../session.ts'
import { findPlace } from './place.ts'
import { factsOf } from './scores.ts'

interface Asked {
  readonly point: InspectedPoint
  /** Seconds. */
  readonly window: number
  readonly weights: boolean
  /** Computes a task; @throws HeschlError CANCELLED */
  readonly compute: (task: InspectTask, label: string) => Promise<StepResult>
}

/**
 * Measured against predicted at one place, from the designs and alphas that are stored.
 * @throws HeschlError OPTION_INVALID for what the study does not have; FILE_MISSING before it was run; as `computeInspect`
 */
export async function inspectPoint(
  session: StudySession,
  snapshot: Snapshot,
  { point, window, weights, compute }: Asked,
): Promise<Inspection> {
  const place = findPlace(point.place, snapshot)
  const { step, part } = fitOf(session, snapshot, point)
  const targets = place.targetsOf(point.subject)
  const fit = step.task() as FitTask
  const alpha = session.store.array(step.key, 'alpha').data as Uint8Array
  const task: InspectTask = { kind: 'inspect', fit, targets, alpha, window, ...(weights && { weights }) }
  const result = await compute(task, `${place.label}: ${step.spec.label}`)
  const array = <T>(name: string) => result.arrays.find((one) => one.name === name)?.data as T
  const facts = result.provenance as unknown as InspectFacts
  const { study } = snapshot
  const encoding = resolveEncoding(study.encoding)
  const subject = study.subjects.find(({ id }) => id === point.subject)!
  const delay = responseDelay(encoding, secondsPerSample(subject.recordings[0]))
  const runs = runsOf(subject, snapshot, encoding, facts)
  const contribution = array<Float64Array>('contribution')
  const scores = array<Float32Array>('r')
  return {
    ...{ point, place: factsOf(place), part, measure: measures[encoding.score.measure], runs, delay, contribution },
    stored: meanAt(session.store.array(step.key, 'r').data, targets),
    score: meanAt(scores, scores.keys()),
    scored: facts.scored,
    measured: array('measured'),
    predicted: array('predicted'),
    drop: array('drop'),
    fold: array('fold'),
    folds: foldsOf(result, { alpha, targets, encoding }),
    moments: await momentsOf(session, snapshot, { facts, runs, contribution, delay: delay.seconds }),
    unit: unitOf(encoding),
    weights: weights
      ? {
          weights: array('weight'),
          spreads: array('spread'),
          groups: weightGroups(fit, layersOf(snapshot, step, encoding)),
          names: unitNames(
            study.spaces.find(({ id }) => id === step.spec.space),
            snapshot.basis?.spaces.get(step.spec.space),
          ),
        }
      : null,
  }
}

/** The stored fit of a point: of a model's first seed that has one, or its last checkpoint. */
function fitOf(
  session: StudySession,
  { study, steps }: Snapshot,
  { subject, model: id, layer }: InspectedPoint,
): { readonly step: KeyedFit; readonly part: string } {
  const model = study.models.find((one) => one.id === id)
  const axis = model ? axisOf(model) : null
  const members = model ? membersOf(model) : [{ id, at: null }]
  if (study.sets.some((set) => set.id === id))
    throw new HeschlError('OPTION_INVALID', 'Spaces that are fitted together cannot be looked into', {
      where: { step: id },
      expected: 'a model or a space: their alphas are stored, so that what they predict can be computed again',
      found: `the set ${id}, whose scores alone are stored`,
      remedy: 'Look at its spaces one by one; `heschl export --what predictions` gives predictions of a fit',
    })
  const own = steps.filter(isFit).filter(({ spec }) => members.some((member) => member.id === spec.space))
  if (own.length === 0 && !study.spaces.some((space) => space.id === id) && !model && !id.includes('@'))
    throw new HeschlError('OPTION_INVALID', 'The study has no such model or space', {
      expected: `one of ${[...study.models, ...study.spaces].map((one) => one.id).join(', ')}`,
      found: id,
    })
  const fits = own.filter(({ spec }) => spec.layer === layer && spec.subject === subject)
  if (fits.length === 0)
    throw new HeschlError('OPTION_INVALID', 'The study has no such layer or subject', {
      where: { subject, step: `${id} ${layer}` },
      expected: `layers ${names(own, 'layer')}; subjects ${names(own, 'subject')}`.slice(0, 2000),
      found: `${layer}, ${subject}`,
    })
  const stored = fits.filter(
    ({ key, spec }) =>
      session.store.has(key) &&
      spec.designs.every((design) => {
        const step = steps.find(({ spec: other }) => other.id === design)
        return step !== undefined && session.store.has(step.key)
      }),
  )
  if (stored.length === 0)
    throw new HeschlError('FILE_MISSING', 'These scores have not been computed yet', {
      where: { step: `${id} ${layer}`, subject },
      remedy: 'Run the study; it computes only what is missing',
    })
  const step = axis === 'steps' || axis === 'hours' ? stored.at(-1)! : stored[0]
  const at = members.find((member) => member.id === step.spec.space)?.at ?? null
  const number = at?.toLocaleString('en', { maximumSignificantDigits: 15 })
  return { step, part: axis === null ? '' : axis === 'seed' ? `seed ${number}` : `after ${number} ${axis}` }
}

const isFit = (step: KeyedStep): step is KeyedFit => step.spec.kind === 'fit'

const names = (fits: readonly KeyedFit[], part: 'layer' | 'subject') =>
  [...new Set(fits.map(({ spec }) => spec[part]))].join(', ')

/** The layers whose regressors a fit has. */
function layersOf({ basis }: Snapshot, { spec }: KeyedFit, { levels }: ResolvedEncoding): readonly string[] {
  if (levels !== 'cumulative') return [spec.layer]
  const all = basis?.layers.get(spec.space) ?? [spec.layer]
  return all.slice(0, all.indexOf(spec.layer) + 1)
}

function runsOf(
  { recordings }: Subject,
  { seconds }: Snapshot,
  { trim }: ResolvedEncoding,
  { runs, windows }: InspectFacts,
): readonly InspectedRun[] {
  return recordings.map((recording, run) => {
    const tr = secondsPerSample(recording)
    return {
      ...{ stimulus: recording.stimulus, tr, samples: runs[run], window: windows[run] },
      first: trim.start * tr - recording.start,
      seconds: seconds.get(recording.stimulus) ?? null,
    }
  })
}

function foldsOf(
  { arrays }: StepResult,
  {
    alpha,
    targets,
    encoding,
  }: { readonly alpha: Uint8Array; readonly targets: Uint32Array; readonly encoding: ResolvedEncoding },
): Inspection['folds'] {
  const array = (name: string) => arrays.find((one) => one.name === name)!.data
  const scores = array('foldScore')
  const { from, to, count } = encoding.alphas
  const grid = logspace(from, to, count)
  const width = alpha.length / scores.length
  return Array.from(array('foldSamples'), (samples, fold) => {
    const chosen = new Set(encoding.pcaY === 'none' ? [...targets].map((target) => alpha[fold * width + target]) : [])
    const [only] = chosen
    return { samples, score: scores[fold], alpha: chosen.size === 1 && only !== 255 ? grid[only] : null }
  })
}

async function momentsOf(
  { facts }: StudySession,
  { study }: Snapshot,
  {
    facts: { moments },
    runs,
    contribution,
    delay,
  }: {
    readonly facts: InspectFacts
    readonly runs: readonly InspectedRun[]
    readonly contribution: Float64Array
    readonly delay: number
  },
): Promise<readonly InspectedMoment[]> {
  const starts = runs.map((_, run) => runs.slice(0, run).reduce((sum, { samples }) => sum + samples, 0))
  const words = new Map<string, Awaited<ReturnType<typeof facts.tokens>>>()
  for (const { stimulus } of runs) {
    const file = study.stimuli.find(({ id }) => id === stimulus)?.words
    if (file !== undefined) words.set(stimulus, await facts.tokens(file, 'words').catch(() => []))
  }
  const told =
    (kind: InspectedMoment['kind']) =>
    (moment: InspectFacts['moments']['carry'][number]): InspectedMoment => {
      const { from, to, drop } = moment
      const run = starts.findLastIndex((start) => start <= from)
      const { first, tr, stimulus } = runs[run]
      const at = (sample: number) => first + (sample - starts[run]) * tr
      const recorded = [at(from), at(to)] as const
      const heard = [recorded[0] - delay, recorded[1] - delay] as const
      const said = (words.get(stimulus) ?? []).filter(({ start, end }) => end > heard[0] && start < heard[1])
      return {
        ...{ kind, from, to, run, recorded, heard, drop },
        contribution: contribution.subarray(from, to).reduce((sum, value) => sum + value, 0),
        words: said.map(({ text }) => text).join(' '),
      }
    }
  return [...moments.carry.map(told('carries')), ...moments.breaks.map(told('breaks'))]
}

function unitOf({ standardizeY }: ResolvedEncoding): string {
  if (standardizeY === 'per-run') return 'SD of the run'
  if (standardizeY === 'training-fold' || standardizeY === 'none') return 'the recording’s own unit'
  return 'robust SD of the run'
}
