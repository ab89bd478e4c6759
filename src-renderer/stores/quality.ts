/** How good recordings and stimuli are, as far as they were looked at. */
import { ref, shallowRef, watch } from 'vue'
import type { QualityReport, RecordingQuality } from '../../src-main/contract/quality.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, useHost } from '../bridge/index.ts'
import { useStudy } from './study.ts'

const host = useHost()
const { study, revision } = useStudy()

const report = shallowRef<QualityReport | null>(null)
const failure = shallowRef<SerializedError | null>(null)
const chosen = shallowRef<{ readonly subject: string; readonly run: number } | null>(null)
const recording = shallowRef<RecordingQuality | null>(null)
/** Whether a view shows any of it. */
const watched = ref(false)

let asked = 0
async function load() {
  const path = study.value?.path
  const ask = ++asked
  if (!watched.value || path === undefined) return
  try {
    const found = await host.call('qualityReport', { study: path })
    if (ask !== asked) return
    report.value = found
    failure.value = null
    const known = chosen.value
    if (!found.recordings.some(({ subject, run }) => subject === known?.subject && run === known.run)) {
      const [first] = found.recordings
      chosen.value = first ? { subject: first.subject, run: first.run } : null
    }
    await loadRecording()
  } catch (thrown) {
    if (ask === asked) failure.value = describeFailure(thrown)
  }
}

async function loadRecording() {
  const [path, asking] = [study.value?.path, chosen.value]
  const looked = report.value?.recordings.find(({ subject, run }) => subject === asking?.subject && run === asking.run)
  if (path === undefined || asking === null || !looked?.looked) {
    recording.value = null
    return
  }
  try {
    const found = await host.call('recordingQuality', { study: path, ...asking })
    if (chosen.value === asking) recording.value = found
  } catch (thrown) {
    failure.value = describeFailure(thrown)
  }
}

watch([watched, () => study.value?.path, revision], () => void load(), { flush: 'post' })
watch(chosen, () => void loadRecording())
watch(
  () => study.value?.path,
  () => {
    report.value = null
    recording.value = null
    chosen.value = null
  },
)

async function look() {
  if (study.value) await host.call('checkQuality', { study: study.value.path })
}

export const useQuality = () => ({ report, failure, chosen, recording, watched, look, load })
