import type {
  Dropped,
  QualityReport,
  RecordingQuality,
  RecordingSummary,
  StimulusSummary,
} from '../contract/quality.ts'
import type { Argument } from '../contract/procedures.ts'
import { HeschlError } from '../errors.ts'
import type { HeardFacts } from '../pipeline/inspect/heardAudio.ts'
import type { QualityFacts } from '../pipeline/quality/recording.ts'
import { filePaths } from '../pipeline/responses.ts'
import { histogramOf, percentiles } from '../pipeline/summaries.ts'
import { filesOfRule, nameOfRule, ruleWithMask } from '../pipeline/targetRule.ts'
import { codeVersions } from '../pipeline/tasks.ts'
import type { PictureTask, QualityTask } from '../pipeline/tasks.ts'
import { contentKey } from '../store/keys.ts'
import type { StepIdentity } from '../store/keys.ts'
import { resolveEncoding } from '../study/encoding.ts'
import { secondsPerSample } from '../study/schema.ts'
import type { Recording, Stimulus, Subject } from '../study/schema.ts'
import { arrayHash } from './arrayHash.ts'
import { pictureIdentity } from './inspect/stimuli.ts'
import { targetsOf } from './keyedPlan.ts'
import { oneStep } from './oneStep.ts'
import { versions } from './provenance.ts'
import type { RunOptions } from './runner.ts'
import type { Snapshot, StudySession } from './session.ts'

interface Look {
  readonly label: string
  readonly key: string
  readonly identity: StepIdentity
  readonly kind: 'quality' | 'picture'
  readonly task: QualityTask | PictureTask
}

/** Framewise displacement above which a volume counts as moved: Power et al. 2012. mm */
const moved = 0.5
/** Of a histogram. */
const bins = 40

/** What can be looked at: recordings and stimuli whose files can be read. */
async function looksOf(session: StudySession, snapshot: Snapshot): Promise<readonly Look[]> {
  const { study, basis } = snapshot
  const looks: Look[] = []
  for (const stimulus of study.stimuli) {
    if (!snapshot.seconds.has(stimulus.id)) continue
    const { identity, audio } = await pictureIdentity(session, stimulus)
    const task: PictureTask = { kind: 'picture', audio }
    looks.push({ label: `Looking at ${stimulus.id}`, key: contentKey(identity), identity, kind: 'picture', task })
  }
  for (const subject of basis?.study.subjects ?? [])
    for (const run of subject.recordings.keys()) looks.push(await recordingLook(session, snapshot, subject, run))
  return looks
}

async function recordingLook(session: StudySession, snapshot: Snapshot, subject: Subject, run: number): Promise<Look> {
  const recording = subject.recordings[run]
  const { facts, store } = session
  const own = facts.responseFiles(recording)
  const columns = snapshot.basis!.columns.get(subject.id)?.[run]
  const files = columns && typeof own === 'string' ? { file: own, columns } : own
  const vertices = targetsOf(snapshot.basis!, subject.id)
  const tr = secondsPerSample(recording)
  const confounds = recording.confounds === undefined ? undefined : facts.path(recording.confounds)
  const { rule: studyRule, volumes } = snapshot.basis!
  const rule = studyRule && ruleWithMask(studyRule, facts.ownMask(subject, recording))
  const beside = [...(confounds === undefined ? [] : [confounds]), ...(rule ? filesOfRule(rule) : [])]
  const identity: StepIdentity = {
    kind: 'quality',
    version: codeVersions.quality,
    parameters: {
      tr,
      vertices,
      confounds: confounds !== undefined,
      ...(columns && { columns }),
      ...(rule && { rule: nameOfRule(rule) }),
    },
    inputs: await Promise.all([
      ...filePaths(files).map((reference) => arrayHash(store, reference)),
      ...beside.map((file) => store.fileHash(file)),
    ]),
  }
  const task: QualityTask = {
    ...{ kind: 'quality', subject: subject.id, stimulus: recording.stimulus, files, tr, vertices },
    volumes: volumes.get(subject.id)![run],
    ...(rule && { rule }),
    ...(confounds !== undefined && { confounds }),
  }
  return {
    label: `Looking at ${subject.id}, ${recording.stimulus}`,
    key: contentKey(identity),
    identity,
    kind: 'quality',
    task,
  }
}

/** Looks at what was not looked at yet, and stores it, one by one. @throws HeschlError as the tasks; CANCELLED */
export async function runQuality(session: StudySession, options: RunOptions): Promise<void> {
  const snapshot = await session.refresh()
  const looks = (await looksOf(session, snapshot)).filter(({ key }) => !session.store.has(key))
  const tell = oneStep(options)
  for (const [i, { label, key, identity, kind, task }] of looks.entries()) {
    if (options.cancelled()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
    tell(label, i / looks.length)
    const began = performance.now()
    const result = await options.compute.run(task, {
      progress: ({ fraction }) => tell(label, (i + fraction) / looks.length),
    })
    const seconds = (performance.now() - began) / 1000
    const provenance = { ...versions(), ...result.provenance }
    session.store.put({ key, kind, label, inputs: identity, provenance, seconds, work: 0 }, result.arrays)
    if (i % 10 === 9) options.stored?.()
  }
}

/** All of it in short; what was not looked at yet says so. */
export async function qualityReport(session: StudySession, snapshot: Snapshot): Promise<QualityReport> {
  const looks = await looksOf(session, snapshot)
  const recordings: RecordingSummary[] = []
  for (const subject of snapshot.study.subjects)
    for (const [run, recording] of subject.recordings.entries())
      recordings.push(await summaryOf(session, snapshot, { subject, run, recording }))
  const stimuli: StimulusSummary[] = []
  for (const stimulus of snapshot.study.stimuli) stimuli.push(await stimulusSummary(session, snapshot, stimulus))
  const missing = looks.filter(({ key }) => !session.store.has(key)).length
  return { recordings, stimuli, missing, problems: snapshot.problems }
}

interface Run {
  readonly subject: Subject
  readonly run: number
  readonly recording: Recording
}

async function summaryOf(
  session: StudySession,
  snapshot: Snapshot,
  { subject, run, recording }: Run,
): Promise<RecordingSummary> {
  const { basis, seconds: lengths } = snapshot
  const tr = secondsPerSample(recording)
  const volumes = basis?.volumes.get(subject.id)?.[run] ?? null
  const audioSeconds = lengths.get(recording.stimulus) ?? null
  const known = basis?.volumes.has(subject.id) ? await recordingLook(session, snapshot, subject, run) : null
  const looked = known && session.store.has(known.key) ? lookedAt(session, known.key) : null
  const { data } = recording
  const own = { volumes, tr, start: recording.start, audioSeconds }
  return {
    ...{ subject: subject.id, run, stimulus: recording.stimulus, file: typeof data === 'string' ? data : data.left },
    ...{ ...own, seconds: volumes === null ? null : volumes * tr, looked },
    dropped: droppedOf(snapshot, own, looked),
    flags: flagsOf(own, looked, known === null),
  }
}

function lookedAt({ store }: StudySession, key: string): RecordingSummary['looked'] {
  const { targets, constant, notFinite, spikes, motion } = store.step(key)!.provenance as unknown as QualityFacts
  const tsnr = (store.array(key, 'tsnr').data as Float32Array).filter((value) => value !== 0)
  const [low, median, high] = percentiles(tsnr, [5, 50, 95])
  const fd =
    motion === null ? null : (store.array(key, 'fd').data as Float64Array).filter((value) => !Number.isNaN(value))
  return {
    ...{ targets, constant, notFinite, spikes },
    tsnr: targets - constant - notFinite === 0 ? null : { low, median, high },
    meanMotion: fd && fd.length > 0 ? fd.reduce((sum, value) => sum + value, 0) / fd.length : null,
    moved: fd && fd.filter((value) => value > moved).length,
  }
}

type Timing = Pick<RecordingSummary, 'volumes' | 'tr' | 'start' | 'audioSeconds'>

/** What the study's own options leave out of this recording. */
function droppedOf(
  { study }: Snapshot,
  { volumes, tr, start, audioSeconds }: Timing,
  looked: RecordingSummary['looked'],
): readonly Dropped[] {
  const { trim, folds, gap } = resolveEncoding(study.encoding)
  const out: Dropped[] = []
  const add = (what: string, count: number, of: number, why: string) => {
    if (count > 0) out.push({ what, count, of, why })
  }
  if (volumes !== null) {
    add('volumes at the start', trim.start, volumes, 'encoding.trim.start')
    add('volumes at the end', trim.end, volumes, 'encoding.trim.end')
    if (audioSeconds !== null) {
      const heardTo = volumes * tr - start
      add(
        'seconds of audio',
        Math.max(0, Math.round(audioSeconds - heardTo)),
        Math.round(audioSeconds),
        'heard after the last volume',
      )
      add(
        'seconds of audio',
        Math.max(0, Math.round(-start)),
        Math.round(audioSeconds),
        'heard before the first volume: only its responses later on are seen',
      )
    }
  }
  if (looked) {
    add('vertices', looked.constant, looked.targets, 'constant over the run: they get no score')
    add('vertices', looked.notFinite, looked.targets, 'values that are not finite: they get no score')
  }
  if (gap !== 0 && typeof folds === 'number')
    out.push({
      what: 'samples about each fold',
      count: typeof gap === 'number' ? gap : Math.ceil(gap.seconds / tr),
      of: volumes ?? 0,
      why: 'encoding.gap: left out of training',
    })
  return out
}

function flagsOf(
  { volumes, tr, start, audioSeconds }: Timing,
  looked: RecordingSummary['looked'],
  unread: boolean,
): readonly string[] {
  const flags: string[] = []
  if (unread) flags.push('cannot be read: see the problems of the study file')
  if (volumes !== null && audioSeconds !== null) {
    const over = volumes * tr - start - audioSeconds
    if (over < 0) flags.push(`ends ${(-over).toFixed(1)} s before the audio`)
    if (over > 30) flags.push(`goes on for ${over.toFixed(1)} s after the audio`)
  }
  if (!looked) return flags
  const share = (count: number) => `${Math.round((100 * count) / looked.targets)} %`
  if (looked.notFinite > 0) flags.push(`${looked.notFinite.toLocaleString('en')} vertices are not finite`)
  if (looked.constant > 0.2 * looked.targets) flags.push(`${share(looked.constant)} of the vertices are constant`)
  if (volumes !== null && looked.spikes > 0.05 * volumes) flags.push(`${looked.spikes} spikes`)
  if (volumes !== null && looked.moved !== null && looked.moved > 0.1 * volumes)
    flags.push(`moved in ${looked.moved} volumes`)
  if (looked.tsnr && Math.abs(looked.tsnr.median) < 1) flags.push('its mean is about 0: centred or scaled before')
  return flags
}

async function stimulusSummary(
  session: StudySession,
  snapshot: Snapshot,
  stimulus: Stimulus,
): Promise<StimulusSummary> {
  const { facts, store } = session
  const { study } = snapshot
  const info = await facts.audio(stimulus.audio).catch(() => null)
  const count = async (kind: 'words' | 'phones') => {
    const file = stimulus[kind]
    return file === undefined
      ? null
      : facts.tokens(file, kind).then(
          (tokens) => tokens.length,
          () => null,
        )
  }
  const key = info ? contentKey((await pictureIdentity(session, stimulus)).identity) : null
  const looked = key !== null && store.has(key) ? (store.step(key)!.provenance as unknown as HeardFacts) : null
  const heard = study.subjects.reduce(
    (sum, { recordings }) => sum + recordings.filter((one) => one.stimulus === stimulus.id).length,
    0,
  )
  const decibels = (value: number) => 20 * Math.log10(Math.max(1e-10, value))
  const flags = [
    ...(info ? [] : ['cannot be read: see the problems of the study file']),
    ...(heard === 0 ? ['nobody heard it: it is not used'] : []),
    ...(looked && looked.clipped > 1e-4
      ? [`peaks are cut off: ${(100 * looked.clipped).toPrecision(2)} % of its samples`]
      : []),
    ...(looked && looked.peak < 0.01 ? ['nearly silent'] : []),
  ]
  return {
    ...{ id: stimulus.id, audio: stimulus.audio, heard, flags },
    ...{ seconds: info?.seconds ?? null, rate: info?.rate ?? null, channels: info?.channels ?? null },
    looked: looked && { clipped: looked.clipped, peak: decibels(looked.peak), rms: decibels(looked.rms) },
    words: await count('words'),
    phones: await count('phones'),
  }
}

/** @throws HeschlError OPTION_INVALID for no such recording; FILE_MISSING before it was looked at */
export async function recordingQuality(
  session: StudySession,
  snapshot: Snapshot,
  { subject: id, run }: Argument<'recordingQuality'>,
): Promise<RecordingQuality> {
  const subject = snapshot.basis?.study.subjects.find((one) => one.id === id)
  const recording = subject?.recordings[run]
  if (!subject || !recording)
    throw new HeschlError('OPTION_INVALID', 'There is no such recording that can be read', {
      where: { subject: id },
      found: `run ${run + 1}`,
    })
  const { key } = await recordingLook(session, snapshot, subject, run)
  const { store } = session
  if (!store.has(key))
    throw new HeschlError('FILE_MISSING', 'This recording has not been looked at yet', {
      where: { subject: id, stimulus: recording.stimulus },
      remedy: 'Press Look at them, or run heschl quality',
    })
  const array = <T>(name: string) => store.array(key, name).data as T
  const { spikeThreshold, motion } = store.step(key)!.provenance as unknown as QualityFacts
  const tsnr = array<Float32Array>('tsnr')
  const { trim } = resolveEncoding(snapshot.study.encoding)
  return {
    ...{ subject: id, run, stimulus: recording.stimulus, tr: secondsPerSample(recording), first: 0 - recording.start },
    ...{ globalSignal: array('global'), dvars: array('dvars'), spikeThreshold, tsnr, trim },
    motion: motion === null ? null : { fd: array('fd'), words: motion },
    spectrum: { hertz: array('hertz'), power: array('power') },
    histogram: histogramOf(
      tsnr.filter((value) => value !== 0 && !Number.isNaN(value)),
      bins,
    ),
  }
}
