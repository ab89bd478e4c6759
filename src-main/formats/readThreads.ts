/** Threads that decode GIFTI's arrays: each reads its own texts and leaves the numbers in shared memory. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import type { GiftiTask } from './giftiTexts.ts'
import type { ReadReply } from './readWorker.ts'

/** More do not read faster: what they wait for is memory. */
const threads = Math.min(4, availableParallelism())
/** Tasks that a thread has at a time, so that it need not wait for the next. */
const ahead = 2

interface Pending {
  readonly task: GiftiTask
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Waiting tasks in their order; threads are started as there are tasks, and are kept. */
const waiting: Pending[] = []
const workers: ReadWorker[] = []

/**
 * Has a thread do a task. The file has to stay open until all of its tasks are settled.
 * @throws HeschlError as the task does; INTERNAL where the thread is lost
 */
export function readInThread(task: GiftiTask): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.push({ task, resolve, reject })
    handOut()
  })
}

function handOut(): void {
  while (waiting.length > 0) {
    const free = workers.toSorted((a, b) => a.tasks - b.tasks)[0] as ReadWorker | undefined
    if (free?.tasks !== 0 && workers.length < threads) workers.push(new ReadWorker())
    else if (free!.tasks < ahead) free!.ask(waiting.shift()!)
    else return
  }
}

class ReadWorker {
  readonly #worker: Worker
  readonly #pending: Pending[] = []

  constructor() {
    // TypeScript when the sources run unbuilt, JavaScript once they are bundled.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(fileURLToPath(new URL(`./readWorker.${extension}`, import.meta.url)))
    // Idle threads keep no process alive.
    this.#worker.unref()
    // A thread answers in the order in which it is asked.
    this.#worker.on('message', ({ error }: ReadReply) => {
      const { resolve, reject } = this.#pending.shift()!
      if (this.#pending.length === 0) this.#worker.unref()
      if (error === undefined) resolve()
      else reject(HeschlError.deserialize(error))
      handOut()
    })
    const lost = (cause: unknown) => {
      const at = workers.indexOf(this)
      if (at >= 0) workers.splice(at, 1)
      for (const { reject } of this.#pending.splice(0)) reject(HeschlError.from(cause))
      handOut()
    }
    this.#worker.on('error', lost)
    this.#worker.on('exit', () => lost(new Error('A thread that reads files ended unexpectedly')))
  }

  get tasks(): number {
    return this.#pending.length
  }

  ask(pending: Pending): void {
    this.#pending.push(pending)
    this.#worker.ref()
    this.#worker.postMessage(pending.task satisfies GiftiTask)
  }
}
