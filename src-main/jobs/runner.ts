import { performance } from 'node:perf_hooks'
import type { Job, Plan } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import { studyInvalid } from '../study/parse.ts'
import type { ComputeThread } from './compute.ts'
import { measurePace } from '../pipeline/cost.ts'
import type { Pace } from '../pipeline/cost.ts'
import type { Store } from '../store/store.ts'
import { computeThreads } from './compute.ts'
import { Estimator } from './estimates.ts'
import type { Cost } from './estimates.ts'
import type { KeyedStep } from './keyedPlan.ts'
import { modelFacts } from './modelFacts.ts'
import type { Providers } from './providers.ts'
import { versions } from './provenance.ts'
import { formatBytes, formatDuration } from '../units.ts'
import type { Snapshot, StudySession } from './session.ts'
import { computedOf, watchMemory } from './usage.ts'

/** What a job tells while it runs. */
export type RunProgress = Pick<
  Job,
  'step' | 'stepsDone' | 'stepsTotal' | 'stepsCached' | 'fraction' | 'secondsLeft' | 'rate'
>

interface CostedStep {
  readonly step: KeyedStep
  readonly cached: boolean
  readonly cost: Cost
}

/** Of the plan's steps what is stored and what the rest will cost; a step that is there twice costs once. */
async function costedSteps(session: StudySession, snapshot: Snapshot): Promise<readonly CostedStep[]> {
  const { steps, basis, seconds } = snapshot
  if (!basis) return []
  const { store, facts } = session
  const missing = steps.some(({ key }) => !store.has(key))
  const pace = missing ? await paceOf(store) : { float32: 1, float64: 1 }
  const lengths = (stimulus: string) => seconds.get(stimulus) ?? 0
  const estimator = new Estimator(basis, lengths, { store, facts }, { pace, threads: computeThreads() })
  const known = new Set<string>()
  const costed: CostedStep[] = []
  for (const step of steps) {
    const cached = store.has(step.key)
    costed.push({ step, cached, cost: cached || known.has(step.key) ? nothing : await estimator.cost(step.spec) })
    known.add(step.key)
  }
  return costed
}

const nothing: Cost = { work: 0, seconds: 0, memoryBytes: 0, diskBytes: 0 }

/** How fast this machine computes, measured once a study and processor. */
async function paceOf(store: Store): Promise<Pace> {
  const where = `${computeThreads()} threads, ${versions().machine}`
  const names = [`float32, ${where}`, `float64, ${where}`] as const
  const [float32, float64] = names.map((name) => store.measured(name))
  if (float32 !== undefined && float64 !== undefined) return { float32, float64 }
  const pace = await measurePace(computeThreads())
  store.putMeasured(names[0], pace.float32)
  store.putMeasured(names[1], pace.float64)
  return pace
}

/** The plan for people: what is stored, and what the rest will cost. */
export async function planOf(session: StudySession, snapshot: Snapshot): Promise<Plan> {
  const steps = (await costedSteps(session, snapshot)).map(({ step: { key, spec }, cached, cost }) => ({
    id: spec.id,
    label: spec.label,
    kind: spec.kind,
    cached,
    seconds: cost.seconds,
    memoryBytes: cost.memoryBytes,
    diskBytes: cost.diskBytes,
    windows: cost.windows ?? null,
    computed: cached ? computedOf(session.store.step(key)) : null,
  }))
  const total = (pick: (step: Plan['steps'][number]) => number) => steps.reduce((sum, step) => sum + pick(step), 0)
  return {
    models: snapshot.study.models.map(modelFacts),
    provider: snapshot.basis?.provider ?? null,
    steps,
    totals: {
      seconds: total((step) => step.seconds),
      memoryBytes: steps.reduce((most, step) => Math.max(most, step.memoryBytes), 0),
      diskBytes: total((step) => step.diskBytes),
    },
  }
}

export interface RunOptions {
  readonly compute: ComputeThread
  readonly providers: Providers
  readonly cancelled: () => boolean
  readonly progress: (progress: RunProgress) => void
  /** Keeps a line with the job. */
  readonly log: (text: string) => void
  /** Called after each step that was stored. */
  readonly stored?: () => void
}

/**
 * Computes what the store lacks, in the plan's order; each step is stored before the next begins.
 * @throws HeschlError STUDY_INVALID, PROVIDER_UNAVAILABLE before anything is computed; what a step throws; CANCELLED
 */
export async function runPlan(session: StudySession, snapshot: Snapshot, options: RunOptions): Promise<void> {
  if (snapshot.problems.some(({ severity }) => severity === 'error'))
    throw studyInvalid(session.path, snapshot.problems)
  await runSteps(session, snapshot, options)
}

/** Computes those of the snapshot's steps that the store lacks. */
export async function runSteps(session: StudySession, snapshot: Snapshot, options: RunOptions): Promise<void> {
  const all = await costedSteps(session, snapshot)
  const clock = new Clock(all)
  session.store.keepParts(all.map(({ step }) => step.key))
  const tell = (step: string, within: number, rate: string) =>
    options.progress({ ...clock.at(within), step, stepsTotal: all.length, rate })
  tell('', 0, '')
  options.log(planLine(all))
  if (all.some(({ step, cached }) => !cached && isOfModel(step, snapshot))) {
    const { provider } = snapshot.basis!
    if (provider !== 'cpu') tell(`Checking ${provider}`, 0, '')
    await options.providers.require(provider)
  }
  for (const { step, cached, cost } of all) {
    if (cached) continue
    if (options.cancelled()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
    if (session.store.has(step.key)) {
      // Two models with the same weights have the same steps: the first has computed it just now.
      clock.finished(cost.seconds)
      continue
    }
    tell(step.spec.label, 0, '')
    const { key, identity, spec } = step
    const parts = session.store.parts(key)
    if (parts.length > 0) options.log(`${spec.label}: goes on from what an earlier run has finished of it`)
    const began = performance.now()
    const peakMemory = watchMemory()
    const before = process.cpuUsage()
    const result = await options.compute.run(step.task(), {
      progress: ({ fraction, rate = '' }) => tell(spec.label, fraction, rate),
      parts,
      keep: (part, seconds) => session.store.putPart(key, { ...part, seconds }),
    })
    const seconds = parts.reduce((sum, part) => sum + part.seconds, (performance.now() - began) / 1000)
    const { work, seconds: expected, memoryBytes, diskBytes } = cost
    const { user, system } = process.cpuUsage(before)
    const usage = {
      cpuSeconds: (user + system) / 1e6,
      estimate: { seconds: expected, memoryBytes, diskBytes },
      peakMemoryBytes: peakMemory(),
      storedBytes: result.arrays.reduce((sum, { data }) => sum + data.byteLength, 0),
    }
    session.store.put(
      {
        key,
        kind: spec.kind,
        label: spec.label,
        inputs: identity,
        provenance: { ...versions(), ...result.provenance, ...usage },
        seconds,
        work,
      },
      result.arrays,
    )
    clock.finished(cost.seconds)
    options.log(
      `${spec.label}: ${formatDuration(seconds)}, ${formatBytes(usage.storedBytes)} stored, ${formatBytes(usage.peakMemoryBytes)} memory at most`,
    )
    options.stored?.()
    tell(step.spec.label, 0, '')
  }
}

function planLine(all: readonly CostedStep[]): string {
  const missing = all.filter(({ cached }) => !cached)
  const seconds = missing.reduce((sum, { cost }) => sum + cost.seconds, 0)
  const stored = all.length - missing.length
  const expected = missing.length === 0 ? '' : `; about ${formatDuration(seconds)} to go`
  return `${all.length} steps, ${stored} of them stored before${expected}`
}

const isOfModel = ({ spec }: KeyedStep, { basis }: Snapshot) =>
  (spec.kind === 'design' || spec.kind === 'abx') && basis!.study.models.some(({ id }) => id === spec.space)

/** Turns estimates into a fraction and a time left that follow what has been measured in this job. */
class Clock {
  readonly #total: number
  readonly #cached: number
  readonly #began = performance.now()
  readonly #costs: readonly number[]
  #done = 0
  #stepsDone: number

  constructor(steps: readonly CostedStep[]) {
    const missing = steps.filter(({ cached }) => !cached)
    this.#costs = missing.map(({ cost }) => Math.max(1e-3, cost.seconds))
    this.#total = this.#costs.reduce((a, b) => a + b, 0)
    this.#cached = steps.length - missing.length
    this.#stepsDone = this.#cached
  }

  finished(estimate: number): void {
    this.#done += Math.max(1e-3, estimate)
    this.#stepsDone += 1
  }

  /** @param within fraction of the present step */
  at(within: number): Pick<RunProgress, 'fraction' | 'secondsLeft' | 'stepsDone' | 'stepsCached'> {
    const present = this.#costs[this.#stepsDone - this.#cached] ?? 0
    const done = this.#done + within * present
    const elapsed = (performance.now() - this.#began) / 1000
    // The first moments say little of the pace; no time left is better than a wrong one.
    const known = elapsed > 2 && done > 0.01 * this.#total
    return {
      fraction: this.#total > 0 ? Math.min(1, done / this.#total) : 1,
      secondsLeft: known ? (elapsed * (this.#total - done)) / done : null,
      stepsDone: this.#stepsDone,
      stepsCached: this.#cached,
    }
  }
}
