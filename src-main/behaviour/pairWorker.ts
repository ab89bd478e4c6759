/** Entry of a thread that helps to compare items; it lives for many batches and ends when it is told to. */
import { parentPort, workerData } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import type { SharedMemory } from '../linalg/wasmCode.ts'
import { pairTaker, type PairBatch } from './pairBatch.ts'

export interface PairWorkerData {
  readonly memory: SharedMemory
  readonly thread: number
}
/** A failure, if there was one, once there is nothing more to take. */
export type PairReply = { readonly error?: unknown }

const port = parentPort!
const { memory, thread } = workerData as PairWorkerData
const take = pairTaker(memory, thread)

// One batch at a time: the sender waits for the reply.
port.on('message', (batch: PairBatch | 'close') => {
  if (batch === 'close') {
    port.close()
    return
  }
  let reply: PairReply = {}
  try {
    while (take(batch));
  } catch (error) {
    reply = { error: HeschlError.from(error).serialize() }
  }
  port.postMessage(reply)
})
