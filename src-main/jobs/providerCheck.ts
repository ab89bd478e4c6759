/**
 * Entry of a process that checks one provider, named by its argument, and ends. A GPU's driver that crashes takes this
 * process with it, not the engine; one that hangs does so in the thread, so that the main thread still hears when the
 * engine has gone.
 */
import '../nativeEnvironment.ts'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { checkProvider, failureText } from '../pipeline/providers.ts'
import type { CheckResult, Provider } from '../pipeline/providers.ts'

export type CheckAnswer = { readonly result: CheckResult } | { readonly failure: string }

function main(): void {
  // By signal: some drivers crash when their process ends in the ordinary way.
  const end = () => process.kill(process.pid, 'SIGKILL')
  process.on('disconnect', end)
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: process.argv[2] })
  worker.on('message', (answer: CheckAnswer) => process.send?.(answer, end))
  worker.on('error', (error) => process.send?.({ failure: failureText(error) } satisfies CheckAnswer, end))
}

async function answer(): Promise<CheckAnswer> {
  try {
    return { result: await checkProvider(workerData as Provider) }
  } catch (error) {
    return { failure: failureText(error) }
  }
}

if (isMainThread) main()
else parentPort!.postMessage(await answer())
