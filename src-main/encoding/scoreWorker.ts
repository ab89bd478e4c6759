/** Entry of a thread that helps to solve alphas and to score targets; it lives for many jobs and ends when it is told to. */
import { parentPort } from 'node:worker_threads'
import { HeschlError } from '../errors.ts'
import { createGemm, type Operations } from '../linalg/gemm.ts'
import { takeAlphas, type PrepareJob, type Solved } from './prepareJob.ts'
import { takeChunks } from './scoreJob.ts'
import type { PreparedProblem } from './solutions.ts'
import type { ScoreJob } from './solver.ts'

/** `problem` where it is another than before. */
export type HelperRequest =
  { readonly job: ScoreJob; readonly problem?: PreparedProblem } | { readonly prepare: PrepareJob } | 'close'
/** `operations`: of all products since the thread began. */
export type HelperReply = { readonly error?: unknown; readonly solved?: Solved; readonly operations: Operations }

const port = parentPort!
const gemm = await createGemm({ threads: 1 })
let problem: PreparedProblem | undefined

async function answer(request: HelperRequest): Promise<void> {
  if (request === 'close') {
    await gemm.close()
    port.close()
    return
  }
  let reply: Omit<HelperReply, 'operations'> = {}
  try {
    if ('prepare' in request) {
      problem = undefined
      reply = { solved: await takeAlphas(request.prepare, gemm, async () => {}) }
    } else {
      problem = request.problem ?? problem
      await takeChunks(problem!, request.job, gemm, async () => {})
    }
  } catch (error) {
    reply = { error: HeschlError.from(error).serialize() }
  }
  port.postMessage({ ...reply, operations: gemm.operations() } satisfies HelperReply)
}

// One request at a time: the sender waits for the reply.
port.on('message', (request: HelperRequest) => void answer(request))
