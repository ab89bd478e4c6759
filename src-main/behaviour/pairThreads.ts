import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import { pageBytes, WebAssembly, type SharedMemory } from '../linalg/wasmCode.ts'
import { pairTaker, setReady, type PairBatch, type TakePairs } from './pairBatch.ts'
import type { PairReply, PairWorkerData } from './pairWorker.ts'
import { mostPages } from './rowsModule.ts'

/** Products of numbers below which starting a thread takes longer than computing. */
const fewOperations = 5e8

/** Memory for items, and threads that compare them: the calling one and, from the first large batch on, helpers. */
export class PairThreads {
  /** Threads that may work together, the calling one among them. */
  readonly count: number
  readonly memory: SharedMemory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true })
  readonly #helpers: Worker[] = []
  readonly #take: TakePairs

  /** @param threads at least 1, the calling one among them */
  constructor(threads = 1) {
    this.count = threads
    this.#take = pairTaker(this.memory, 0)
  }

  /** Makes room. @throws HeschlError OPTION_INVALID beyond 4 GB */
  reach(bytes: number): void {
    const pages = this.memory.buffer.byteLength / pageBytes
    const needed = Math.ceil(bytes / pageBytes)
    if (needed <= pages) return
    if (needed > mostPages) {
      throw new HeschlError('OPTION_INVALID', 'Two items do not fit into memory side by side', {
        expected: 'items of a few seconds',
        found: `${(bytes / 1e9).toFixed(1)} GB for two of them`,
        remedy: 'Look at the onsets and offsets of the items',
      })
    }
    this.memory.grow(needed - pages)
  }

  /**
   * Fills in a batch's costs.
   * @param operations products of numbers that it takes
   * @param write puts the items into memory and says which pairs are ready, while helpers take those
   * @param watched awaited between the calling thread's pairs; throws to stop all
   */
  async compare(batch: PairBatch, operations: number, write: () => void, watched: () => Promise<void>): Promise<void> {
    const helpers = operations > fewOperations ? this.count - 1 : 0
    while (this.#helpers.length < helpers) this.#helpers.push(this.#start(this.#helpers.length + 1))
    const helping = this.#helpers.slice(0, helpers).map((helper) => ask(helper, batch))
    const own = this.#own(batch, write, watched).catch((error: unknown) => {
      setReady(batch, -1)
      throw error
    })
    const outcomes = await Promise.allSettled([own, ...helping])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw HeschlError.from(outcome.reason)
  }

  async #own(batch: PairBatch, write: () => void, watched: () => Promise<void>): Promise<void> {
    write()
    do await watched()
    while (this.#take(batch))
  }

  /** Ends the helpers; no batch may be under way. */
  async close(): Promise<void> {
    await Promise.all(
      this.#helpers.splice(0).map((helper) => {
        const ended = new Promise<void>((resolve) => helper.once('exit', () => resolve()))
        helper.ref()
        helper.postMessage('close')
        return ended
      }),
    )
  }

  #start(thread: number): Worker {
    // TypeScript when the sources run unbuilt, JavaScript once they are bundled.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const helper = new Worker(fileURLToPath(new URL(`./pairWorker.${extension}`, import.meta.url)), {
      workerData: { memory: this.memory, thread } satisfies PairWorkerData,
    })
    // Idle helpers keep no process alive.
    helper.unref()
    helper.on('exit', () => {
      const at = this.#helpers.indexOf(helper)
      if (at >= 0) this.#helpers.splice(at, 1)
    })
    return helper
  }
}

function ask(helper: Worker, batch: PairBatch): Promise<void> {
  helper.ref()
  return new Promise<void>((resolve, reject) => {
    const settle = (error: unknown) => {
      helper.removeAllListeners('message')
      helper.off('error', settle)
      helper.off('exit', lost)
      helper.unref()
      if (error === undefined) resolve()
      else reject(HeschlError.from(error))
    }
    const lost = () => settle(new Error('A thread that compares items ended unexpectedly'))
    helper.once('message', ({ error }: PairReply) =>
      settle(error === undefined ? undefined : HeschlError.deserialize(error as never)),
    )
    helper.once('error', settle)
    helper.once('exit', lost)
    helper.postMessage(batch)
  })
}
