import { framewiseDisplacement, powerSpectrum, RecordingQuality, spikeThreshold } from '../../scoring/quality.ts'
import { readTable } from '../../formats/tableFile.ts'
import { parseTsv } from '../../formats/tsv.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext, StepResult } from '../context.ts'
import { isDecodedWhole } from '../recordingFile.ts'
import { filePaths, loadResponses } from '../responses.ts'
import type { QualityTask } from '../tasks.ts'

/** Values of a recording that are held at a time, where its file can be read by parts. */
const valuesAtOnce = 64e6

/** Of a recording, beside the arrays. */
export interface QualityFacts {
  readonly volumes: number
  readonly targets: number
  readonly constant: number
  readonly notFinite: number
  /** DVARS above it is a spike; NaN is null in a store. */
  readonly spikeThreshold: number | null
  readonly spikes: number
  /** Where framewise displacement is from, in words; null where there is none. */
  readonly motion: string | null
}

/**
 * What tells how good a recording is, as it was recorded, before anything is trimmed or cleaned; a part of its targets at a
 * time. Arrays: `tsnr` [targets], `global` and `dvars` [volumes], `fd` [volumes] in mm where the confounds have motion,
 * `hertz` and `power` of the global signal [frequencies].
 * @throws HeschlError as `loadResponses`; FORMAT_INVALID for a table of confounds that is none
 */
export async function computeQuality(task: QualityTask, context: StepContext): Promise<StepResult> {
  const { files, vertices, tr, subject, stimulus, confounds, volumes, rule } = task
  const list = filePaths(files)
  const targets = vertices.left + vertices.right
  const quality = new RecordingQuality(volumes, targets)
  const whole = rule?.kind === 'resampled' || list.some(isDecodedWhole)
  const width = whole ? targets : Math.max(1, Math.floor(valuesAtOnce / volumes))
  for (let from = 0; from < targets; from += width) {
    throwIfCancelled(context)
    const to = Math.min(targets, from + width)
    quality.add(from, await loadResponses(files, vertices, { subject, stimulus }, { from, to }, rule))
    context.progress({ fraction: to / targets })
  }
  const { globalSignal, dvars, tsnr, constant, notFinite } = quality
  const { hertz, power } = powerSpectrum(globalSignal, 1 / tr)
  const motion = confounds === undefined ? null : await motionOf(confounds, volumes)
  const threshold = spikeThreshold(dvars)
  const facts: QualityFacts = {
    ...{ volumes, targets, constant, notFinite },
    spikeThreshold: Number.isFinite(threshold) ? threshold : null,
    spikes: dvars.filter((value) => value > threshold).length,
    motion: motion?.words ?? null,
  }
  const line = (name: string, data: Float32Array | Float64Array) => ({ name, shape: [data.length], data })
  return {
    arrays: [
      ...[
        line('tsnr', tsnr),
        line('global', globalSignal),
        line('dvars', dvars),
        line('hertz', hertz),
        line('power', power),
      ],
      ...(motion ? [line('fd', motion.fd)] : []),
    ],
    provenance: { ...facts },
  }
}

const parameters = ['trans_x', 'trans_y', 'trans_z', 'rot_x', 'rot_y', 'rot_z'] as const

/** From the six parameters of fMRIPrep, or its own column; null where the table has neither or another length. */
async function motionOf(file: string, volumes: number) {
  const { columns, rows } = await readTable(file, parseTsv)
  if (rows.length !== volumes) return null
  const at = parameters.map((name) => columns.indexOf(name))
  const number = (text: string) => (text.trim() === '' || text.trim() === 'n/a' ? NaN : Number(text))
  if (at.every((place) => place >= 0))
    return {
      fd: framewiseDisplacement(rows.map(({ values }) => at.map((place) => number(values[place])))),
      words: 'Power et al. 2012, from the six motion parameters, rotations on a sphere of 50 mm',
    }
  const own = columns.indexOf('framewise_displacement')
  if (own < 0) return null
  return {
    fd: Float64Array.from(rows, ({ values }) => number(values[own])),
    words: 'as the confounds give it (framewise_displacement)',
  }
}
