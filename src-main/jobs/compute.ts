import { availableParallelism, totalmem } from 'node:os'
import { Worker } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import type { NamedArray, StepPart, StepProgress, StepResult } from '../pipeline/context.ts'
import type { Task } from '../pipeline/tasks.ts'
import { entryPath } from './entry.ts'
import type { ArrayAnswer, TaskRequest, WorkerReply, WorkerSetup } from './messages.ts'

/** What hears of a task before it is done. */
export interface TaskWatch {
  readonly progress: (progress: StepProgress) => void
  /** What an interrupted run of the task has left. */
  readonly parts?: readonly StepPart[]
  /** Hears of parts as they are finished; where it throws, the task is stopped and fails with that. */
  readonly keep?: (part: StepPart, seconds: number) => void
  /** Gives arrays of stored steps, to tasks that read them one by one. */
  readonly read?: (step: string, name: string) => NamedArray
}

interface Pending {
  readonly resolve: (result: StepResult) => void
  readonly reject: (error: HeschlError) => void
  readonly watch: TaskWatch
  /** Why a part could not be kept. */
  failure?: HeschlError
}

/** Threads for ONNX Runtime: the physical cores, without starving the window. */
export const computeThreads = (): number => Math.max(1, Math.min(16, availableParallelism()))

/**
 * The engine's compute thread. The main thread stays free to answer windows and to write results while it works. A
 * thread inside an ONNX Runtime call cannot be ended without ending the process (docs/architecture.md), so `stop` asks,
 * and the caller ends the process when the answer does not come.
 */
export class ComputeThread {
  #worker: Worker | undefined
  readonly #stop = new Int32Array(new SharedArrayBuffer(4))
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  readonly #responseBytes: number

  /** @param responseBytes that recordings and what is kept of them may occupy between tasks */
  constructor(responseBytes: number = Math.min(8e9, totalmem() / 4)) {
    this.#responseBytes = responseBytes
  }

  /** @throws HeschlError what the task threw; CANCELLED after `stop` */
  run(task: Task, watch: TaskWatch): Promise<StepResult> {
    Atomics.store(this.#stop, 0, 0)
    const id = ++this.#lastId
    const worker = (this.#worker ??= this.#start())
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, watch })
      worker.postMessage({ id, task, parts: watch.parts ?? [] } satisfies TaskRequest)
    })
  }

  /** Asks the present task to stop at its next unit of work. */
  stop(): void {
    Atomics.store(this.#stop, 0, 1)
  }

  #start(): Worker {
    const setup: WorkerSetup = {
      stop: this.#stop,
      threads: computeThreads(),
      responseBytes: this.#responseBytes,
    }
    const worker = new Worker(entryPath('worker'), { workerData: setup })
    worker.on('message', (reply: WorkerReply) => this.#heard(reply))
    worker.on('error', (error: Error) => this.#lost(error))
    worker.on('exit', () => this.#lost(new Error('the compute thread ended')))
    return worker
  }

  #heard(reply: WorkerReply): void {
    const pending = this.#pending.get(reply.id)
    if (!pending) return
    if ('progress' in reply) return pending.watch.progress(reply.progress)
    if ('part' in reply) return this.#keep(pending, reply.part, reply.seconds)
    if ('ticket' in reply) return this.#give(pending.watch, reply)
    this.#pending.delete(reply.id)
    if (pending.failure) pending.reject(pending.failure)
    else if ('result' in reply) pending.resolve(reply.result)
    else pending.reject(HeschlError.deserialize(reply.error))
  }

  #give({ read }: TaskWatch, { ticket, step, name }: { ticket: number; step: string; name: string }): void {
    let answer: ArrayAnswer['answer']
    const transfer: ArrayBuffer[] = []
    try {
      const array = read!(step, name)
      transfer.push(array.data.buffer as ArrayBuffer)
      answer = { array }
    } catch (error) {
      answer = { error: HeschlError.from(error).serialize() }
    }
    this.#worker?.postMessage({ ticket, answer } satisfies ArrayAnswer, transfer)
  }

  #keep(pending: Pending, part: StepPart, seconds: number): void {
    try {
      pending.watch.keep?.(part, seconds)
    } catch (error) {
      pending.failure ??= HeschlError.from(error)
      this.stop()
    }
  }

  #lost(cause: Error): void {
    this.#worker = undefined
    for (const [id, { reject }] of this.#pending) {
      this.#pending.delete(id)
      reject(
        new HeschlError('ENGINE_LOST', 'The computation ended unexpectedly', {
          found: cause.message,
          remedy: 'Run again: what was finished is stored. If it was memory, close other programs first',
          cause,
        }),
      )
    }
  }
}
