/** The charts of one recording: over time, of frequencies, and of its targets. Pure. */
import type { RecordingQuality } from '../../src-main/contract/quality.ts'
import { histogramChart, seriesChart } from './series.ts'
import type { PlotTheme } from './theme.ts'

export const qualityChartNames = {
  global: 'Global signal',
  dvars: 'DVARS',
  motion: 'Framewise displacement',
  spectrum: 'Spectrum of the global signal',
  tsnr: 'tSNR of vertices',
} as const
export type QualityChartId = keyof typeof qualityChartNames

export interface QualityChart {
  readonly id: QualityChartId
  readonly name: string
  /** @returns a `g` element */
  readonly draw: (frame: { readonly width: number; readonly height: number; readonly theme: PlotTheme }) => string
}

/** Without framewise displacement where the recording's confounds have no motion. */
export function qualityCharts(recording: RecordingQuality): readonly QualityChart[] {
  const { tr, first, trim, globalSignal, dvars, motion, spectrum, histogram, spikeThreshold } = recording
  const x = Float64Array.from(globalSignal, (_, i) => first + i * tr)
  const inTime = {
    ...{ x, xTitle: 'seconds of the audio' },
    dropped: [
      ...(trim.start > 0 ? [{ from: x[0], to: x[Math.min(trim.start, x.length - 1)] }] : []),
      ...(trim.end > 0 ? [{ from: x[Math.max(0, x.length - trim.end)], to: x[x.length - 1] }] : []),
    ],
  }
  const chart = (id: QualityChartId, draw: QualityChart['draw']): QualityChart => ({
    ...{ id, draw, name: qualityChartNames[id] },
  })
  const change = { y: dvars, yTitle: 'RMS change', threshold: spikeThreshold, fromZero: true }
  const power = { x: spectrum.hertz, y: spectrum.power, xTitle: 'Hz', yTitle: 'power (unit²/Hz)', fromZero: true }
  return [
    chart('global', (frame) => seriesChart({ ...frame, ...inTime, y: globalSignal, yTitle: 'mean of vertices' })),
    chart('dvars', (frame) => seriesChart({ ...frame, ...inTime, ...change })),
    ...(motion
      ? [
          chart('motion', (frame) =>
            seriesChart({ ...frame, ...inTime, y: motion.fd, yTitle: 'mm', threshold: 0.5, fromZero: true }),
          ),
        ]
      : []),
    chart('spectrum', (frame) => seriesChart({ ...frame, ...power })),
    chart('tsnr', (frame) => histogramChart({ ...frame, ...histogram, xTitle: 'mean over SD', yTitle: 'vertices' })),
  ]
}
