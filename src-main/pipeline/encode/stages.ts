import type { Operations } from '../../linalg/gemm.ts'
import type { Computing } from '../fits.ts'
import type { Pace } from '../cost.ts'

/** A stage's matrix products. */
interface Products {
  /** 10^9 floating-point operations. */
  readonly float32: number
  readonly float64: number
  /** 10^9 operations a second of the whole stage. */
  readonly rate: number
  /** Time that they would take at the machine's pace of products, as a share of the stage's. */
  readonly shareOfPeak: number
}

const none: Operations = { float32: 0, float64: 0 }

/** Seconds and matrix products by stage; a stage is what has passed since the one before ended. */
export class Stages {
  readonly seconds: Record<string, number> = {}
  readonly #operations = new Map<string, Operations>()
  readonly #ends = new Map<string, number>()
  readonly #computing: Computing
  #last = performance.now()
  #before: Operations | undefined

  constructor(computing: Computing) {
    this.#computing = computing
  }

  /** Before the first stage: what was multiplied until now is of another computation. */
  async begin(): Promise<void> {
    this.#before = await this.#multiplied()
    this.#last = performance.now()
  }

  async end(stage: string): Promise<void> {
    const now = performance.now()
    this.seconds[stage] = (this.seconds[stage] ?? 0) + (now - this.#last) / 1000
    const all = await this.#multiplied()
    const own = this.#operations.get(stage) ?? none
    const { float32, float64 } = this.#before ?? none
    this.#operations.set(stage, {
      float32: own.float32 + all.float32 - float32,
      float64: own.float64 + all.float64 - float64,
    })
    this.#before = all
    this.#ends.set(stage, now)
    this.#last = performance.now()
  }

  /** Seconds since a stage ended. */
  since(stage: string): number {
    return (performance.now() - this.#ends.get(stage)!) / 1000
  }

  /** Of the stages that have any, beside what this machine was measured to do. */
  products(pace: Pace): Readonly<Record<string, Products>> {
    const stages = [...this.#operations].filter(([, { float32, float64 }]) => float32 + float64 > 0)
    return Object.fromEntries(
      stages.map(([stage, { float32, float64 }]) => {
        const seconds = this.seconds[stage]
        const atPeak = float32 / pace.float32 + float64 / pace.float64
        const rate = (float32 + float64) / 1e9 / seconds
        return [stage, { float32: float32 / 1e9, float64: float64 / 1e9, rate, shareOfPeak: atPeak / seconds }]
      }),
    )
  }

  async #multiplied(): Promise<Operations> {
    const { gemm, threads } = this.#computing
    const [own, others] = [gemm.operations(), (await threads?.operations()) ?? none]
    return { float32: own.float32 + others.float32, float64: own.float64 + others.float64 }
  }
}
