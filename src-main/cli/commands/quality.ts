/** `quality`: how good recordings and stimuli are, and what will be dropped of them. */
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { QualityReport, RecordingSummary, StimulusSummary } from '../../contract/quality.ts'
import { tsvText } from '../../formats/tsv.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { HeschlError } from '../../errors.ts'
import { withEngine } from '../engine.ts'
import { formatTable } from '../format.ts'
import type { Output } from '../output.ts'
import { watchJob } from '../watchJob.ts'

type Cell = string | number | null

export async function quality(file: string, out: string | undefined, output: Output): Promise<number> {
  const study = resolve(file)
  const report = await withEngine(async (engine) => {
    await engine.call('openStudy', { path: study })
    const stopped = () => new HeschlError('CANCELLED', 'Stopped; what was looked at is stored')
    const words = { kept: 'What was looked at is stored.', stopped }
    await watchJob(engine, () => engine.call('checkQuality', { study }), words, output)
    return engine.call('qualityReport', { study })
  })
  if (out !== undefined) await write(resolve(out), report)
  output.document({ study, ...report })
  output.say(textOf(report, out === undefined ? undefined : resolve(out)))
  return 0
}

const recordingColumns = [
  ...[
    'subject',
    'run',
    'stimulus',
    'file',
    'tr',
    'start',
    'volumes',
    'seconds',
    'audio_seconds',
    'targets',
    'constant',
  ],
  ...[
    'not_finite',
    'tsnr_p5',
    'tsnr_median',
    'tsnr_p95',
    'spikes',
    'mean_fd_mm',
    'volumes_over_0.5_mm',
    'dropped',
    'flags',
  ],
]

function recordingRow(one: RecordingSummary): readonly Cell[] {
  const { looked, dropped } = one
  return [
    ...[
      one.subject,
      one.run + 1,
      one.stimulus,
      one.file,
      one.tr,
      one.start,
      one.volumes,
      one.seconds,
      one.audioSeconds,
    ],
    ...[looked?.targets ?? null, looked?.constant ?? null, looked?.notFinite ?? null],
    ...[looked?.tsnr?.low ?? null, looked?.tsnr?.median ?? null, looked?.tsnr?.high ?? null],
    ...[looked?.spikes ?? null, looked?.meanMotion ?? null, looked?.moved ?? null],
    ...[
      dropped.map(({ what, count, of, why }) => `${count} of ${of} ${what} (${why})`).join('; '),
      one.flags.join('; '),
    ],
  ]
}

const stimulusColumns = [
  ...[
    'stimulus',
    'audio',
    'seconds',
    'rate',
    'channels',
    'clipped',
    'peak_db',
    'rms_db',
    'words',
    'phones',
    'heard',
    'flags',
  ],
]

const stimulusRow = (one: StimulusSummary): readonly Cell[] => [
  ...[one.id, one.audio, one.seconds, one.rate, one.channels],
  ...[one.looked?.clipped ?? null, one.looked?.peak ?? null, one.looked?.rms ?? null],
  ...[one.words, one.phones, one.heard, one.flags.join('; ')],
]

async function write(out: string, { recordings, stimuli }: QualityReport): Promise<void> {
  const files = {
    'recordings.tsv': tsvText([recordingColumns, ...recordings.map(recordingRow)]),
    'stimuli.tsv': tsvText([stimulusColumns, ...stimuli.map(stimulusRow)]),
  }
  await withScratch(out, true, async (scratch) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(scratch, name), text)
    await publish(Object.keys(files).map((name) => ({ from: join(scratch, name), to: join(out, name) })))
  })
}

function textOf({ recordings, stimuli }: QualityReport, out: string | undefined): string {
  const number = (value: number | null | undefined, digits: number) => (value == null ? '–' : value.toFixed(digits))
  const left = (title: string) => ({ title, align: 'left' }) as const
  const right = (title: string) => ({ title, align: 'right' }) as const
  const ofRecordings = formatTable(
    [
      left('Subject'),
      left('Stimulus'),
      right('Seconds'),
      right('Audio'),
      right('tSNR'),
      right('Constant'),
      right('Spikes'),
      right('FD (mm)'),
      left('Look at'),
    ],
    recordings.map(({ subject, stimulus, seconds, audioSeconds, looked, flags }) => [
      ...[subject, stimulus, number(seconds, 1), number(audioSeconds, 1), number(looked?.tsnr?.median, 1)],
      ...[
        String(looked?.constant ?? '–'),
        String(looked?.spikes ?? '–'),
        number(looked?.meanMotion, 2),
        flags.join('; '),
      ],
    ]),
  )
  const ofStimuli = formatTable(
    [
      left('Stimulus'),
      right('Seconds'),
      right('Rate (Hz)'),
      right('RMS (dB)'),
      right('Words'),
      right('Heard'),
      left('Look at'),
    ],
    stimuli.map(({ id, seconds, rate, looked, words, heard, flags }) => [
      ...[
        id,
        number(seconds, 1),
        String(rate ?? '–'),
        number(looked?.rms, 1),
        String(words ?? '–'),
        String(heard),
        flags.join('; '),
      ],
    ]),
  )
  const dropped = [
    ...new Set(recordings.flatMap((one) => one.dropped.map(({ what, count, why }) => `${count} ${what}: ${why}`))),
  ]
  return [
    ...[ofRecordings, '', ofStimuli],
    ...(dropped.length > 0 ? ['', 'Left out:', ...dropped.slice(0, 20).map((line) => `  ${line}`)] : []),
    ...(out === undefined ? [] : ['', `Tables: ${out}`]),
  ].join('\n')
}
