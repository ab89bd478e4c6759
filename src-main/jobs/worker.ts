/** Entry of the compute thread: the only thread that opens ONNX Runtime sessions. One task at a time. */
import { flushCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import { Computer } from '../pipeline/computer.ts'
import type { NamedArray } from '../pipeline/context.ts'
import type { ArrayAnswer, TaskRequest, WorkerReply, WorkerSetup } from './messages.ts'

const { stop, threads, responseBytes } = workerData as WorkerSetup
const port = parentPort!
const computer = new Computer({ threads, responseBytes })

const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

/** What scoring threads wrote lies in shared memory, which cannot be handed over: that is copied. */
const own = (arrays: readonly NamedArray[]): NamedArray[] =>
  arrays.map((array) => (array.data.buffer instanceof ArrayBuffer ? array : { ...array, data: array.data.slice() }))

/** Arrays that were asked for, by ticket. */
const asked = new Map<number, PromiseWithResolvers<NamedArray>>()
let tickets = 0

function read(id: number, step: string, name: string): Promise<NamedArray> {
  const ticket = ++tickets
  const waiting = Promise.withResolvers<NamedArray>()
  asked.set(ticket, waiting)
  reply({ id, ticket, step, name })
  return waiting.promise
}

function hear({ ticket, answer }: ArrayAnswer): void {
  const waiting = asked.get(ticket)
  asked.delete(ticket)
  if ('array' in answer) waiting?.resolve(answer.array)
  else waiting?.reject(HeschlError.deserialize(answer.error))
}

async function answer({ id, task, parts }: TaskRequest): Promise<void> {
  let told = 0
  try {
    const result = await computer.run(task, {
      cancelled: () => Atomics.load(stop, 0) === 1,
      progress: (progress) => {
        const now = performance.now()
        if (now - told < 100) return
        told = now
        reply({ id, progress })
      },
      read: (step, name) => read(id, step, name),
      parts: {
        stored: parts,
        keep: ({ place, arrays }, seconds) => reply({ id, part: { place, arrays: own(arrays) }, seconds }),
      },
    })
    const arrays = own(result.arrays)
    const buffers = arrays.map((array) => array.data.buffer as ArrayBuffer)
    reply({ id, result: { ...result, arrays } }, [...new Set(buffers)])
  } catch (error) {
    reply({ id, error: HeschlError.from(error).serialize() })
  }
}

let queue = Promise.resolve()
port.on('message', (request: TaskRequest | ArrayAnswer) => {
  if ('ticket' in request) return hear(request)
  // The engine's process is ended with this thread in it: what Node compiled is written once the work is handed over.
  queue = queue.then(() => answer(request)).then(flushCompileCache)
})
