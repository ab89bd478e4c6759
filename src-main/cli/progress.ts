/** The live display of a running job: one line that changes on a terminal, a line every few seconds elsewhere. */
import type { Job } from '../contract/study.ts'
import { clipped, formatBytes, formatDuration, formatPercent, harmless, width } from './format.ts'
import type { TextStream } from './output.ts'

export interface ProgressDisplay {
  show(job: Job): void
  /** A line above the display. */
  note(text: string): void
  /** Takes the display away. */
  end(): void
}

const barWidth = 24
const plainSeconds = 3
/** Often enough to look alive, seldom enough for a slow terminal. */
const liveSeconds = 0.1

/** @param now seconds, of a clock that only goes forward */
export function createProgress(
  stream: TextStream,
  now: () => number = () => performance.now() / 1000,
): ProgressDisplay {
  return stream.isTTY ? liveDisplay(stream, now) : plainDisplay(stream, now)
}

function liveDisplay(stream: TextStream, now: () => number): ProgressDisplay {
  let shown = false
  let last = -Infinity
  let step = ''
  const clear = () => {
    if (shown) stream.write('\r\u001b[2K')
    shown = false
  }
  return {
    show(job) {
      if (now() - last < liveSeconds && job.step === step) return
      last = now()
      step = job.step
      clear()
      // One column stays free: a full line would wrap on some terminals. Some pseudo-terminals say that they have none.
      stream.write(progressLine(job, (stream.columns || 80) - 1))
      shown = true
    },
    note(text) {
      clear()
      stream.write(`${harmless(text)}\n`)
    },
    end: clear,
  }
}

function plainDisplay(stream: TextStream, now: () => number): ProgressDisplay {
  let last = -Infinity
  return {
    show(job) {
      if (now() - last < plainSeconds) return
      last = now()
      stream.write(`${plainLine(job)}\n`)
    },
    note: (text) => void stream.write(`${harmless(text)}\n`),
    end: () => undefined,
  }
}

/** `██████░░░░░░  43 %  Fit of w2v transf3, sub-02 · 9.8 s of audio/s · 1 min 20 s left · 1.2 GB` */
export function progressLine(job: Job, columns: number): string {
  const head = `${bar(job.fraction, Math.max(0, Math.min(barWidth, Math.floor(columns / 4))))} ${percentOf(job).padStart(5)}  `
  return head + clipped(facts(job).join(' · '), Math.max(0, columns - width(head)))
}

/** ` 43 % (7 of 40 steps)  Fit of … · …`: the same for a log file. */
export function plainLine(job: Job): string {
  return `${percentOf(job).padStart(5)} (${job.stepsDone} of ${job.stepsTotal} steps)  ${facts(job).join(' · ')}`
}

function facts(job: Job): string[] {
  const step = job.state === 'cancelling' ? 'Cancelling' : job.step || job.label
  return [
    step,
    ...(job.rate ? [job.rate] : []),
    ...(job.secondsLeft === null ? [] : [`${formatDuration(job.secondsLeft)} left`]),
    ...(job.memoryBytes > 0 ? [formatBytes(job.memoryBytes)] : []),
  ].map((fact) => harmless(fact).replaceAll('\n', ' '))
}

/** Rounded down: nothing is at 100 % that is not done. */
function percentOf(job: Job): string {
  return formatPercent(Math.floor(clamp(job.fraction) * 100) / 100)
}

function bar(fraction: number, cells: number): string {
  const full = Math.floor(clamp(fraction) * cells)
  return '█'.repeat(full) + '░'.repeat(cells - full)
}

function clamp(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0
}
