/** One run of an inspection as a track on the axis of its stimulus. Pure. */
import type { InspectedMoment, Inspection } from '../../../src-main/contract/inspect.ts'
import { formatValue } from '../format.ts'
import type { Span } from './span.ts'
import { zScores, type Track } from './tracks.ts'

interface TrackOptions {
  readonly run: number
  /** Responses so much earlier as they take. */
  readonly shifted: boolean
  /** Both series as z-scores over the run. */
  readonly scaled: boolean
}

/** Where a run's samples begin among those of all runs. */
const startOf = ({ runs }: Inspection, run: number): number =>
  runs.slice(0, run).reduce((sum, { samples }) => sum + samples, 0)

export function trackOf(found: Inspection, { run, shifted, scaled }: TrackOptions): Track {
  const { samples, first, tr } = found.runs[run]
  const start = startOf(found, run)
  const shift = shifted ? found.delay.seconds : 0
  const own = <T extends Float32Array | Float64Array>(values: T) => values.subarray(start, start + samples) as T
  const scale = (values: Float32Array) => (scaled ? zScores(values) : values)
  return {
    times: Float64Array.from({ length: samples }, (_, i) => first + i * tr - shift),
    measured: scale(own(found.measured)),
    predicted: scale(own(found.predicted)),
    contribution: own(found.contribution),
    moments: found.moments
      .filter((moment) => moment.run === run)
      .map((moment) => ({
        ...spanOf(moment, shifted),
        kind: moment.kind,
        title: momentText(moment, found.measure.symbol),
      })),
  }
}

export function spanOf({ recorded, heard }: InspectedMoment, shifted: boolean): Span {
  const [from, to] = shifted ? heard : recorded
  return { from, to }
}

function momentText({ drop, words }: InspectedMoment, symbol: string): string {
  const change = drop >= 0 ? `loses ${formatValue(drop, 4)}` : `gains ${formatValue(-drop, 4)}`
  return `Without this moment ${symbol} ${change}${words === '' ? '' : `. Heard: ${words}`}`
}

/** The sample of a run at a time of the axis; −1 where there is none within half a step. */
export function sampleAt({ times }: Track, seconds: number): number {
  const step = times.length > 1 ? times[1] - times[0] : 1
  const i = Math.round((seconds - times[0]) / step)
  return i >= 0 && i < times.length ? i : -1
}
