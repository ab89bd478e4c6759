/** Entry of a thread that decodes arrays of GIFTI files; it lives as long as the process, and keeps nothing between tasks. */
import { parentPort } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import type { SerializedError } from '../errors.ts'
import { decodeTexts } from './giftiTexts.ts'
import type { GiftiTask } from './giftiTexts.ts'

/** A failure, if there was one, once a task is done. */
export interface ReadReply {
  readonly error?: SerializedError
}

const port = parentPort!
port.on('message', (task: GiftiTask) => {
  let reply: ReadReply = {}
  try {
    decodeTexts(task)
  } catch (error) {
    reply = { error: HeschlError.from(error, { file: task.path }).serialize() }
  }
  port.postMessage(reply)
})
