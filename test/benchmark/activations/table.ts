/** Figures as lines of Markdown. */

export const row = (...cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`)

export const percent = (share: number) => `${(100 * share).toFixed(1)} %`

export const best = (times: readonly number[]) => Math.min(...times)

export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}

/** How many times longer the peer takes. */
export function ratio(what: string, theirs: readonly number[], ours: readonly number[]): void {
  const [byBest, byMedian] = [best(theirs) / best(ours), median(theirs) / median(ours)]
  console.log(`\n${what}: ${byBest.toFixed(2)}x by the best, ${byMedian.toFixed(2)}x by the median`)
}
