/** Seconds by stage; a stage is what has passed since the one before ended. */
export class Stages {
  readonly seconds: Record<string, number> = {}
  readonly #ends = new Map<string, number>()
  #last = performance.now()

  end(stage: string): void {
    const now = performance.now()
    this.seconds[stage] = (this.seconds[stage] ?? 0) + (now - this.#last) / 1000
    this.#ends.set(stage, now)
    this.#last = now
  }

  /** Seconds since a stage ended. */
  since(stage: string): number {
    return (performance.now() - this.#ends.get(stage)!) / 1000
  }
}
