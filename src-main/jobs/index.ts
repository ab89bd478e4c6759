/** The engine as a host starts it: one child process, started when it is first needed and again after it was lost. */
import { fork } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { createBirpc } from 'birpc'
import type { FindingFigure } from '../contract/findings.ts'
import type { Argument, Events, Results } from '../contract/procedures.ts'
import type { Job } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import type { Answer, EngineFunctions, EngineListener } from './engineApi.ts'
import type {
  ArrayJob,
  ArrayReport,
  CeilingMap,
  ElectrodeMaps,
  ElectrodeMapsArgument,
  EngineFacts,
  EngineHandle,
  EngineOptions,
  EngineProcedureName,
  ExportFitArgument,
  ExportPreferenceArgument,
  FindingArgument,
  PowerArgument,
  SimulateArgument,
  UseProviderArgument,
} from './engineHandle.ts'
import { entryPath } from './entry.ts'

/** What both kinds of child process offer. */
interface Child {
  readonly pid: number | undefined
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  onExit(listener: () => void): void
  kill(): void
}

/** Reads change nothing, so a read that was lost with the engine is asked again. */
const repeatable: ReadonlySet<string> = new Set([
  'openStudy',
  'validateStudy',
  'surface',
  'scoreMap',
  'maps',
  'ruler',
  'scoreTable',
  'plan',
  'methods',
  'pointScores',
  'inspect',
  'stimulusView',
  'stimulusAudio',
  'qualityReport',
  'recordingQuality',
])

/** Jobs that are over: a lost engine does not change them. */
const ended: ReadonlySet<Job['state']> = new Set(['done', 'failed', 'cancelled'])

class Engine implements EngineHandle {
  readonly #options: EngineOptions
  readonly #listeners: { [Name in keyof Events]: Set<Events[Name]> } = {
    job: new Set(),
    studyChanged: new Set(),
    log: new Set(),
    reading: new Set(),
    cleared: new Set(),
    layouts: new Set(),
    inspecting: new Set(),
    exporting: new Set(),
    engine: new Set(),
  }
  /** Remembered here, so that they outlive the engine's process. */
  readonly #jobs = new Map<string, Job>()
  /** Ids of the jobs that `run` asked for: they can be asked for again. */
  readonly #runs = new Set<string>()
  #connection: Connection | undefined
  #closed = false

  constructor(options: EngineOptions) {
    this.#options = options
  }

  start(): void {
    if (!this.#closed) this.#connect()
  }

  async call<Name extends EngineProcedureName>(name: Name, argument: Argument<Name>): Promise<Results[Name]> {
    if (name === 'jobs') return [...this.#jobs.values()] as unknown as Results[Name]
    const ask = (engine: EngineFunctions) => engine.call(name, argument) as Promise<Answer<Results[Name]>>
    try {
      const result = await this.#ask(ask)
      if (name === 'run') this.#runs.add((result as Job).id)
      return result
    } catch (error) {
      if (!repeatable.has(name) || this.#closed) throw error
      if (!(error instanceof HeschlError) || error.code !== 'ENGINE_LOST') throw error
      return this.#ask(ask)
    }
  }

  exportPreference(argument: ExportPreferenceArgument): Promise<Job> {
    return this.#ask((engine) => engine.exportPreference(argument))
  }

  exportFit(argument: ExportFitArgument): Promise<Job> {
    return this.#ask((engine) => engine.exportFit(argument))
  }

  ceilings(study: string): Promise<readonly CeilingMap[]> {
    return this.#ask((engine) => engine.ceilings(study))
  }

  electrodeMaps(argument: ElectrodeMapsArgument): Promise<ElectrodeMaps> {
    return this.#ask((engine) => engine.electrodeMaps(argument))
  }

  finding(argument: FindingArgument): Promise<Job> {
    return this.#ask((engine) => engine.finding(argument))
  }

  findingFigure(job: string): Promise<FindingFigure> {
    return this.#ask((engine) => engine.findingFigure(job))
  }

  simulate(argument: SimulateArgument): Promise<Job> {
    return this.#ask((engine) => engine.simulate(argument))
  }

  power(argument: PowerArgument): Promise<Job> {
    return this.#ask((engine) => engine.power(argument))
  }

  arrays(request: ArrayJob): Promise<Job> {
    return this.#ask((engine) => engine.arrays(request))
  }

  arrayReports(job: string): Promise<readonly ArrayReport[]> {
    return this.#ask((engine) => engine.arrayReports(job))
  }

  useProvider(argument: UseProviderArgument): Promise<void> {
    return this.#ask((engine) => engine.useProvider(argument))
  }

  facts(): Promise<EngineFacts> {
    return this.#ask((engine) => engine.facts())
  }

  on<Event extends keyof Events>(event: Event, listener: Events[Event]): () => void {
    this.#listeners[event].add(listener)
    return () => this.#listeners[event].delete(listener)
  }

  get pid(): number | undefined {
    return this.#connection?.child.pid
  }

  async close(): Promise<void> {
    this.#closed = true
    const connection = this.#connection
    if (!connection) return
    await Promise.race([
      connection.engine.close(),
      connection.lost,
      // Unreferenced: the process need not stay for it once the engine has answered.
      wait(1000, undefined, { ref: false }),
    ]).catch(() => undefined)
    connection.child.kill()
    await connection.exited
  }

  async #ask<T>(ask: (engine: EngineFunctions) => Promise<Answer<T>>): Promise<T> {
    const connection = this.#connect()
    const answer = await Promise.race([ask(connection.engine), connection.lost])
    if (answer.ok) return answer.value
    throw HeschlError.deserialize(answer.error)
  }

  #connect(): Connection {
    if (this.#connection) return this.#connection
    const { spawn } = this.#options
    const child = spawn === 'child_process' ? forkNode() : adaptUtility(spawn)
    const connection = connect(child, (name, payload) => this.#heard(name, payload))
    this.#connection = connection
    void connection.exited.then(() => this.#lost(connection))
    this.#emit('engine', { running: true })
    return connection
  }

  #heard(name: keyof Events, payload: unknown): void {
    if (name === 'job') this.#jobs.set((payload as Job).id, payload as Job)
    this.#emit(name, payload as never)
  }

  #lost(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined
    // One that ends as soon as it starts would do so again: the next call tries, and tells why it failed.
    const again = !this.#closed && performance.now() - connection.began > 1000
    const waiting: Job[] = []
    for (const job of this.#jobs.values()) {
      if (ended.has(job.state)) continue
      if (again && job.state === 'queued' && this.#runs.has(job.id)) waiting.push(job)
      else this.#endLost(job)
    }
    if (this.#closed) return
    this.#emit('engine', { running: false })
    if (!again) return
    this.#connect()
    if (waiting.length > 0) void this.#requeue(waiting.toSorted((a, b) => a.place! - b.place!))
  }

  /** Nothing of a job that waits is lost with the engine: the next one is given it. */
  async #requeue(waiting: readonly Job[]): Promise<void> {
    try {
      await this.#ask((engine) => engine.requeue(waiting))
    } catch {
      for (const { id } of waiting) {
        const job = this.#jobs.get(id)!
        if (job.state === 'queued') this.#endLost(job)
      }
    }
  }

  #endLost(job: Job): void {
    const cancelled = job.state === 'cancelling'
    const error = lostError()
    this.#heard('job', {
      ...job,
      state: cancelled ? 'cancelled' : 'failed',
      place: null,
      ended: Date.now(),
      secondsLeft: null,
      rate: '',
      error: cancelled ? null : error.serialize(),
    } satisfies Job)
    const text = cancelled ? 'Stopped with the engine; what was finished is stored' : `Failed: ${error.message}`
    this.#emit('log', { job: job.id, at: Date.now(), text })
  }

  #emit<Name extends keyof Events>(name: Name, payload: Parameters<Events[Name]>[0]): void {
    for (const listener of this.#listeners[name]) (listener as (value: typeof payload) => void)(payload)
  }
}

interface Connection {
  readonly child: Child
  readonly engine: EngineFunctions
  /** Rejects with ENGINE_LOST when the process ends. */
  readonly lost: Promise<never>
  readonly exited: Promise<void>
  /** performance.now() when it was started. */
  readonly began: number
}

const lostError = () =>
  new HeschlError('ENGINE_LOST', 'The engine process ended', {
    remedy: 'Run again: what was finished is stored. If it was memory, close other programs first',
  })

function connect(child: Child, heard: (name: keyof Events, payload: unknown) => void): Connection {
  const engine = createBirpc<EngineFunctions, EngineListener>(
    { event: heard },
    { post: (message: unknown) => child.post(message), on: (receive) => child.onMessage(receive), timeout: -1 },
  )
  const exited = new Promise<void>((resolve) => child.onExit(resolve))
  const lost = exited.then(() => {
    throw lostError()
  })
  // Whoever waits on a call hears of the loss through it; nobody else needs to.
  lost.catch(() => undefined)
  return { child, engine, lost, exited, began: performance.now() }
}

function forkNode(): Child {
  const child = fork(entryPath('engine'), [], {
    serialization: 'advanced',
    execArgv: [],
    // Standard output belongs to the command line's one JSON document.
    stdio: ['ignore', 2, 2, 'ipc'],
    // Its own process group is not wanted: closing the terminal must end it. Its SIGINT handler ignores Ctrl-C.
  })
  return {
    pid: child.pid,
    post: (message) => {
      if (child.connected) child.send(message as object)
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => {
      child.on('exit', listener)
      child.on('error', listener)
    },
    kill: () => child.kill('SIGKILL'),
  }
}

function adaptUtility(forkUtility: Exclude<EngineOptions['spawn'], 'child_process'>): Child {
  const child = forkUtility(entryPath('engine'), [], { serviceName: 'heschl-engine' })
  return {
    pid: child.pid,
    post: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => child.on('exit', listener),
    kill: () => child.kill(),
  }
}

/** Starts nothing yet: the process begins with the first call. */
export function startEngine(options: EngineOptions): Promise<EngineHandle> {
  return Promise.resolve(new Engine(options))
}
