/** Which of ONNX Runtime's providers work on this machine: found out when it is first asked, once a process. */
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HeschlError } from '../errors.ts'
import { builtProviders, checkTolerance, providers, titleOf } from '../pipeline/providers.ts'
import type { Provider } from '../pipeline/providers.ts'
import type { ProviderChoice } from '../study/schema.ts'
import type { ProviderFacts } from './engineHandle.ts'
import { entryPath } from './entry.ts'
import type { CheckAnswer } from './providerCheck.ts'

/** Milliseconds a check may take: SwiftShader, which computes WebGPU on the CPU, takes 20 s on two busy cores. */
const patience = 120_000

export class Providers {
  readonly #known = new Map<Provider, Promise<ProviderFacts>>()
  readonly #entry: string
  readonly #patience: number

  /** @param options the process that checks, and the milliseconds it has */
  constructor(options: { readonly entry?: string; readonly patience?: number } = {}) {
    this.#entry = options.entry ?? entryPath('providerCheck')
    this.#patience = options.patience ?? patience
  }

  /** Each provider that there is on any system, in the order of `auto`; one check at a time, for they share the GPU. */
  async all(): Promise<readonly ProviderFacts[]> {
    const facts: ProviderFacts[] = []
    for (const name of providers) facts.push(await this.#facts(name))
    return facts
  }

  /** The provider that `choice` stands for; the first that works for `auto`, and any other as it is, unchecked. */
  async resolve(choice: ProviderChoice): Promise<Provider> {
    if (choice !== 'auto') return choice
    for (const name of providers) if (name !== 'cpu' && (await this.#facts(name)).available) return name
    return 'cpu'
  }

  /** @throws HeschlError PROVIDER_UNAVAILABLE for one that is not there, fails, or gives other numbers than the CPU */
  async require(provider: Provider): Promise<void> {
    // The CPU is what the others are held against.
    if (provider === 'cpu') return
    const { available, reason } = await this.#facts(provider)
    if (available) return
    throw new HeschlError('PROVIDER_UNAVAILABLE', `${titleOf(provider)} cannot compute on this machine`, {
      expected: `the provider \`${provider}\``,
      ...(reason === null ? {} : { found: reason }),
      remedy: 'Choose another, or `auto`, or `cpu`; `heschl doctor` lists those that work',
    })
  }

  #facts(name: Provider): Promise<ProviderFacts> {
    const known = this.#known.get(name)
    if (known) return known
    const facts = this.#check(name)
    this.#known.set(name, facts)
    return facts
  }

  async #check(name: Provider): Promise<ProviderFacts> {
    const facts = { name, title: titleOf(name), available: false, reason: null, difference: null, seconds: null }
    if (!builtProviders().includes(name))
      return { ...facts, reason: `not part of ONNX Runtime for ${process.platform} ${process.arch}` }
    const answer = await this.#ask(name)
    if ('failure' in answer) return { ...facts, reason: answer.failure + hintFor(name) }
    const { largest, layer, seconds } = answer.result
    const available = largest <= checkTolerance
    const reason = `other numbers than the CPU's: ${largest.toPrecision(2)} SD in ${layer}, ${checkTolerance} at most`
    return { ...facts, available, reason: available ? null : reason, difference: largest, seconds }
  }

  #ask(name: Provider): Promise<CheckAnswer> {
    // Under Electron the process is Electron's own binary.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
    const child = fork(this.#entry, [name], {
      // As JSON an infinite difference would arrive as none.
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env,
    })
    return new Promise((resolve) => {
      const fail = (failure: string) => resolve({ failure })
      const limit = setTimeout(() => {
        child.kill('SIGKILL')
        fail(`gave no answer within ${this.#patience / 1000} s`)
      }, this.#patience)
      child.once('message', (answer) => resolve(answer as CheckAnswer))
      child.once('error', (error) => fail(error.message))
      child.once('exit', (code, signal) => {
        clearTimeout(limit)
        // After an answer this changes nothing.
        fail(`its check ended the process (${signal ?? `exit code ${code}`})`)
      })
    })
  }
}

/** How to get what a provider lacks, where the machine has the hardware. */
function hintFor(name: Provider): string {
  if (name !== 'cuda' || !hasNvidiaDriver()) return ''
  const command = 'ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node --ignore-scripts=false'
  return `; this machine has an NVIDIA driver: \`${command}\` fetches ONNX Runtime's CUDA libraries, and CUDA 12 and cuDNN 9 are needed`
}

function hasNvidiaDriver(): boolean {
  if (process.platform === 'win32')
    return existsSync(join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'nvcuda.dll'))
  return existsSync('/proc/driver/nvidia/version')
}
