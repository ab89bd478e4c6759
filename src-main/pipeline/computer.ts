import { listTaps } from '../activations/index.ts'
import { PairThreads } from '../behaviour/pairThreads.ts'
import { ScoreThreads } from '../encoding/scoreThreads.ts'
import { createGemm } from '../linalg/gemm.ts'
import type { Gemm } from '../linalg/gemm.ts'
import { runtimeVersion } from '../linalg/runtime.ts'
import { computeAbx } from './abx.ts'
import { computeCeiling } from './ceilings.ts'
import { computeComponents } from './components.ts'
import type { StepContext, StepResult } from './context.ts'
import { computeDesign, OpenModel } from './designs.ts'
import { designFromArray } from './designArrays.ts'
import { encodeArrays } from './encodeArrays.ts'
import { encodeSpaces } from './encodeSpaces.ts'
import { exportFit } from './exportFit.ts'
import { computeFinding } from './findings/finding.ts'
import { extractActivations } from './extraction.ts'
import { computeFit, SharedRidge } from './fits.ts'
import { computeInspect } from './inspect/inspect.ts'
import { KeptRidges } from './inspect/keptRidges.ts'
import { HeardAudio } from './inspect/heardAudio.ts'
import { compareListeners } from './listeners.ts'
import { computePower } from './power.ts'
import { computeQuality } from './quality/recording.ts'
import { computePreference } from './preference.ts'
import { computeRegionScore } from './regionScore.ts'
import { ResponseCache } from './responseCache.ts'
import { Ruler } from './ruler.ts'
import { importance } from './importance.ts'
import { permutationTest } from './permutationTest.ts'
import { computeSet } from './sets.ts'
import { writeSimulation } from './simulation/writeSimulation.ts'
import { extractWords } from './wordExtraction.ts'
import type { Task } from './tasks.ts'

export interface ComputerOptions {
  /** Threads of ONNX Runtime. */
  readonly threads: number
  /** Bytes that recordings may occupy between tasks. */
  readonly responseBytes: number
}

/** Computes steps, one at a time, and keeps what the next one is likely to need: model, decomposition, recordings. */
export class Computer {
  readonly #options: ComputerOptions
  readonly #model: OpenModel
  readonly #responses: ResponseCache
  readonly #ridge = new SharedRidge()
  readonly #inspected: KeptRidges
  readonly #heard = new HeardAudio()
  readonly #ruler = new Ruler()
  #gemm: Promise<Gemm> | undefined
  #threads: ScoreThreads | undefined
  #comparing: PairThreads | undefined

  constructor(options: ComputerOptions) {
    this.#options = options
    this.#model = new OpenModel(options.threads)
    this.#responses = new ResponseCache(options.responseBytes)
    this.#inspected = new KeptRidges(options.responseBytes)
  }

  /** @throws HeschlError; CANCELLED once the context says so */
  async run(task: Task, context: StepContext): Promise<StepResult> {
    const { arrays, provenance } = await this.#compute(task, context)
    return { arrays, provenance: { onnxruntime: runtimeVersion, threads: this.#options.threads, ...provenance } }
  }

  async #compute(task: Task, context: StepContext): Promise<StepResult> {
    if (task.kind !== 'fit' && task.kind !== 'regionScore') this.#ridge.forget()
    if (task.kind === 'picture') return this.#heard.picture(task, context)
    if (task.kind === 'quality') return computeQuality(task, context)
    if (task.kind === 'ruler') return this.#ruler.measure(task, context)
    if (task.kind === 'listen') return this.#heard.listen(task, context)
    if (task.kind === 'design') return computeDesign(task, this.#model, context)
    if (task.kind === 'extract') return extractActivations(task, this.#model, context)
    if (task.kind === 'extractWords') return extractWords(task, this.#model.words, context)
    if (task.kind === 'abx')
      return computeAbx(task, this.#model, (this.#comparing ??= new PairThreads(this.#options.threads)), context)
    // A model's weights are not needed while its layers are fitted, and may be gigabytes.
    await this.#model.close()
    if (task.kind === 'taps') return { arrays: [], provenance: { ...(await listTaps(task.onnx)) } }
    if (task.kind === 'designArray') return designFromArray(task, context)
    if (task.kind === 'listeners') return compareListeners(task, context)
    if (task.kind === 'permutationTest') return permutationTest(task, context)
    if (task.kind === 'importance') return importance(task, context)
    if (task.kind === 'finding') return computeFinding(task, context, await this.#port())
    if (task.kind === 'power') return computePower(task, context)
    if (task.kind === 'preference') return computePreference(task, context)
    if (task.kind === 'simulate') return writeSimulation(task, context)
    if (task.kind === 'ceiling') return computeCeiling(task, await this.#port(), context)
    if (task.kind === 'components') return computeComponents(task, this.#responses, await this.#port(), context)
    this.#threads ??= new ScoreThreads(this.#options.threads)
    const port = { gemm: await this.#port(), threads: this.#threads }
    if (task.kind === 'encodeArrays') return encodeArrays(task, port, context)
    if (task.kind === 'inspect') return computeInspect(task, this.#inspected, this.#responses, port, context)
    if (task.kind === 'exportFit') return exportFit(task, this.#responses, port, context)
    if (task.kind === 'set') return computeSet(task, this.#responses, port, context)
    if (task.kind === 'encodeSpaces') return encodeSpaces(task, port, context)
    if (task.kind === 'regionScore') return computeRegionScore(task, this.#ridge, this.#responses, port, context)
    return computeFit(task, this.#ridge, this.#responses, port, context)
  }

  #port(): Promise<Gemm> {
    this.#gemm ??= createGemm({ threads: this.#options.threads })
    return this.#gemm
  }
}
