/**
 * Entry of the engine process: the only writer of a study's results, and the parent of the compute thread. Runs under
 * Node (child_process) or Electron (utilityProcess); goes when its host goes.
 */
import '../nativeEnvironment.ts'
import { flushCompileCache } from 'node:module'
import { createBirpc } from 'birpc'
import { HeschlError } from '../errors.ts'
import type { Answer, EngineFunctions, EngineListener } from './engineApi.ts'
import { EngineCore } from './engineCore.ts'

interface ElectronParentPort {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): void
  postMessage(message: unknown): void
}
const electronPort = (process as NodeJS.Process & { readonly parentPort?: ElectronParentPort }).parentPort

async function answer<T>(work: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (process.env.HESCHL_DEBUG) console.error(error)
    return { ok: false, error: HeschlError.from(error).serialize() }
  }
}

const functions: EngineFunctions = {
  call: (name, argument) => answer(() => core.procedures[name](argument as never) as Promise<unknown>),
  simulate: (argument) => answer(() => core.simulate(argument)),
  power: (argument) => answer(() => core.power(argument)),
  ceilings: (study) => answer(() => core.ceilings(study)),
  electrodeMaps: (argument) => answer(() => core.electrodeMaps(argument)),
  exportPreference: (argument) => answer(() => core.exportPreference(argument)),
  exportFit: (argument) => answer(() => core.exportFit(argument)),
  finding: (argument) => answer(() => core.finding(argument)),
  findingFigure: (job) => answer(() => core.findingFigure(job)),
  arrays: (request) => answer(() => core.arrays(request)),
  arrayReports: (job) => answer(() => core.arrayReports(job)),
  useProvider: (argument) => answer(() => core.useProvider(argument)),
  requeue: (jobs) => answer(() => core.requeue(jobs)),
  facts: () => answer(() => core.facts()),
  close: async () => {
    core.close()
    // Its host ends this process without letting it exit, which is when Node would write what it compiled.
    flushCompileCache()
  },
}

const rpc = createBirpc<EngineListener, EngineFunctions>(functions, {
  post: (message: unknown) => {
    if (electronPort) electronPort.postMessage(message)
    else process.send?.(message)
  },
  on: (receive) => {
    if (electronPort) electronPort.on('message', ({ data }) => receive(data))
    else process.on('message', receive)
  },
  timeout: -1,
})

const core = new EngineCore({
  event: (name, payload) => void rpc.event.asEvent(name, payload),
  abort: () => process.kill(process.pid, 'SIGKILL'),
})

// A host that was killed cannot say goodbye; an engine without a host must not hold the study's lock.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// A signal to a terminal's process group reaches the engine too; the host decides, and tells the engine to cancel.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
