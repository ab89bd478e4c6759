/** Heschl's side of activations.ts, in a process of its own: answers requests, one a line. */
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { env } from 'onnxruntime-node'
import { describeModel, openModel } from '../../../src-main/activations/index.ts'
import type { SpeechModel } from '../../../src-main/activations/index.ts'
import { writeSafetensors } from '../../../src-main/formats/safetensors.ts'
import { createGemm } from '../../../src-main/linalg/gemm.ts'
import { zeros32 } from '../../../src-main/linalg/matrix.ts'
import { Computer } from '../../../src-main/pipeline/computer.ts'
import { loadSpeech } from '../../../src-main/stimuli/index.ts'
import { resolveEncoding } from '../../../src-main/study/encoding.ts'
import { timeParts } from './parts.ts'

/** The peers' protocol has 10 s windows. */
const windowSamples = 160_000

type Request =
  | { readonly do: 'load' }
  | { readonly do: 'window' }
  | { readonly do: 'save' }
  | { readonly do: 'peak' }
  | { readonly do: 'parts'; readonly repeats: number }
  | {
      readonly do: 'design'
      readonly layers: readonly string[]
      readonly norm: 'window' | 'recording'
      readonly tr: number
      readonly volumes: number
    }

export async function answerLines(folder: string, threads: number): Promise<void> {
  const own = new Own(folder, threads)
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = await own.answer(JSON.parse(line) as Request)
    console.log(JSON.stringify({ ...answer, peakBytes: process.resourceUsage().maxRSS * 1024 }))
  }
  process.exit()
}

class Own {
  readonly #folder: string
  readonly #threads: number
  readonly #source: { readonly checkpoint: string }
  #model: SpeechModel | undefined
  #samples: Float32Array | undefined
  #computer: Computer | undefined

  constructor(folder: string, threads: number) {
    this.#folder = folder
    this.#threads = threads
    this.#source = { checkpoint: folder }
  }

  answer(request: Request): Promise<object> {
    if (request.do === 'load') return this.#load()
    if (request.do === 'window') return this.#window()
    if (request.do === 'save') return this.#save()
    if (request.do === 'peak') return gemmPeak(this.#threads)
    if (request.do === 'design') return this.#design(request)
    return this.#parts(request.repeats)
  }

  async #load() {
    const samples = (await loadSpeech(join(this.#folder, 'audio.wav'))).slice(0, windowSamples)
    this.#samples = samples
    const start = performance.now()
    const { layers } = await describeModel(this.#source)
    this.#model = await openModel(this.#source, { layers: layers.map(({ name }) => name), threads: this.#threads })
    const open = (performance.now() - start) / 1000
    await this.#model.run(samples)
    const first = (performance.now() - start) / 1000
    const toolkit = `Heschl, onnxruntime ${env.versions.node ?? env.versions.common}, Node ${process.versions.node}`
    return { toolkit, open, first }
  }

  async #window() {
    const start = performance.now()
    await this.#model!.run(this.#samples!)
    return { seconds: (performance.now() - start) / 1000 }
  }

  async #save() {
    const found = await this.#model!.run(this.#samples!)
    const tensors = [...found].map(([name, { data, rows, cols }]) => ({ name, shape: [rows, cols], read: () => data }))
    await writeSafetensors(join(this.#folder, 'heschl.safetensors'), tensors)
    return {}
  }

  /** The step of a study: audio file to regressors. */
  async #design({ layers, norm, tr, volumes }: Extract<Request, { do: 'design' }>) {
    this.#computer ??= new Computer({ threads: this.#threads, responseBytes: 1e8 })
    const start = performance.now()
    const { arrays } = await this.#computer.run(
      {
        kind: 'design',
        space: { kind: 'model', source: this.#source, layers, provider: 'cpu' },
        audio: join(this.#folder, 'audio.wav'),
        run: { stimulus: 'audio', tr, volumes, start: 0 },
        encoding: resolveEncoding({ preset: 'standard', norm }),
      },
      { cancelled: () => false, progress: () => undefined },
    )
    const seconds = (performance.now() - start) / 1000
    const tensors = arrays.map(({ name, shape, data }) => ({ name, shape, read: () => data as Float32Array }))
    await writeSafetensors(join(this.#folder, `${norm}.design.safetensors`), tensors)
    return { seconds }
  }

  async #parts(repeats: number) {
    await this.#model?.close()
    this.#model = undefined
    return timeParts(this.#source, this.#threads, this.#samples!, repeats)
  }
}

/** The fastest of products of a block's shapes, GFLOP/s: what this processor gives a matrix product at all. */
async function gemmPeak(threads: number): Promise<{ readonly gflops: number }> {
  const gemm = await createGemm({ threads })
  let gflops = 0
  for (const [m, k, n] of [
    [499, 768, 3072],
    [499, 3072, 768],
    [499, 1024, 4096],
    [1500, 1500, 1500],
  ]) {
    const [a, b, out] = [zeros32(m, k), zeros32(k, n), zeros32(m, n)]
    for (let i = 0; i < 20; i++) {
      const start = performance.now()
      await gemm.multiply(a, b, { out })
      gflops = Math.max(gflops, (2 * m * k * n) / (performance.now() - start) / 1e6)
    }
  }
  await gemm.close()
  return { gflops }
}
