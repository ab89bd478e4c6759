/** The host: whether it is there, what it is, which studies it knows, and what went wrong last. */
import { ref, shallowRef } from 'vue'
import type { HostInfo } from '../../src-main/contract/procedures.ts'
import type { StudyEntry } from '../../src-main/contract/study.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { addressStudy, describeFailure, useHost, type ConnectionState } from '../bridge/index.ts'

const host = useHost()
const connection = ref<ConnectionState>(host.connection)
const engineRunning = ref(true)
const info = shallowRef<HostInfo | null>(null)
const recent = shallowRef<readonly StudyEntry[] | null>(null)
const failure = shallowRef<SerializedError | null>(null)
/** Does once more what failed, where that is safe. */
const again = shallowRef<(() => unknown) | null>(null)
/** One line that something was done: "Saved to …". */
const said = ref('')

host.onConnection((state) => (connection.value = state))
host.on('engine', ({ running }) => (engineRunning.value = running))

/** Runs `work`, and shows what it throws in words, with the offer of `retry`. @returns undefined after a failure */
async function attempt<Value>(work: () => Promise<Value>, retry?: () => unknown): Promise<Value | undefined> {
  try {
    const value = await work()
    failure.value = null
    return value
  } catch (thrown) {
    failure.value = describeFailure(thrown)
    again.value = retry ?? null
    return undefined
  }
}

async function greet() {
  info.value = await host.call('hello', {})
  await loadRecent()
}

async function loadRecent() {
  recent.value = await host.call('recentStudies', {})
}

async function forget(path: string) {
  await host.call('forgetStudy', { path })
  await loadRecent()
}

/** The study to open at the start: the address', else the host's. */
const firstStudy = () => addressStudy() ?? info.value?.study ?? null

/** The host's own file dialog. @returns null when the user cancels it */
const pick = () => host.call('pickStudy', {})
/** Likewise for a folder. */
const pickFolder = () => host.call('pickFolder', {})

export const useSession = () => ({
  connection,
  engineRunning,
  info,
  recent,
  failure,
  again,
  said,
  attempt,
  greet,
  loadRecent,
  forget,
  pick,
  pickFolder,
  firstStudy,
})
