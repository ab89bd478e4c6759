/** `doctor`: what this installation has, what it lacks, and whether the main job can run. */
import { existsSync } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { HeschlError } from '../../errors.ts'
import type { EngineFacts } from '../../jobs/engineHandle.ts'
import { stateDirectory } from '../../jobs/host/stateDir.ts'
import { withEngine } from '../engine.ts'
import { noDisplay } from '../display.ts'
import { formatBytes, formatTable } from '../format.ts'
import { builtWindow, electronBinary, version } from '../installation.ts'
import type { Output } from '../output.ts'
import { providersText } from '../providersText.ts'

interface Check {
  readonly name: string
  /** `missing`: something is less comfortable; `failed`: the main job cannot run. */
  readonly state: 'ok' | 'missing' | 'failed'
  readonly found: string
}

/** A run needs at least this much beside the study's own files. */
const leastDiskBytes = 500e6
const leastMemoryBytes = 2e9

/** @returns the exit code: 1 when the main job cannot run */
export async function doctor(output: Output): Promise<number> {
  const facts = await engineFacts()
  const checks: readonly Check[] = [
    { name: 'Heschl', state: 'ok', found: version() },
    nodeCheck(process.versions.node),
    ...(facts instanceof HeschlError ? [engineFailed(facts)] : factChecks(facts)),
    await diskCheck(stateDirectory()),
    windowCheck(),
    electronCheck(),
    displayCheck(),
  ]
  const works = checks.every(({ state }) => state !== 'failed')
  const providers = facts instanceof HeschlError ? [] : facts.providers
  output.document({ works, checks, providers })
  output.say(
    formatTable(
      [
        { title: 'Part', align: 'left' },
        { title: 'State', align: 'left' },
        { title: 'Found', align: 'left' },
      ],
      checks.map(({ name, state, found }) => [name, state, found.replaceAll('\n', ';')]),
    ),
  )
  if (providers.length > 0) output.say(`\n${providersText(providers)}`)
  output.say(works ? '\nThe main job can run.' : '\nThe main job cannot run: see what failed above.')
  return works ? 0 : 1
}

function engineFailed({ message }: HeschlError): Check {
  return { name: 'Engine', state: 'failed', found: message }
}

/** The engine's failure is a finding like any other. */
async function engineFacts(): Promise<EngineFacts | HeschlError> {
  try {
    return await withEngine((engine) => engine.facts())
  } catch (error) {
    return HeschlError.from(error)
  }
}

function nodeCheck(found: string): Check {
  const major = Number.parseInt(found, 10)
  return { name: 'Node', state: major >= 24 ? 'ok' : 'failed', found: major >= 24 ? found : `${found}, 24 is needed` }
}

function factChecks({ versions, providers, threads, memoryBytes }: EngineFacts): Check[] {
  const memory = `${formatBytes(memoryBytes.free)} free of ${formatBytes(memoryBytes.total)}`
  return [
    ...Object.entries(versions)
      .filter(([name]) => name !== 'node' && name !== 'heschl')
      .map(([name, found]): Check => ({ name, state: 'ok', found })),
    providersCheck(providers),
    { name: 'Threads', state: 'ok', found: String(threads) },
    { name: 'Memory', state: memoryBytes.total >= leastMemoryBytes ? 'ok' : 'failed', found: memory },
  ]
}

/** The main job needs the CPU alone. */
function providersCheck(providers: EngineFacts['providers']): Check {
  const works = providers.filter(({ available }) => available).map(({ name }) => name)
  return { name: 'Providers', state: works.includes('cpu') ? 'ok' : 'failed', found: works.join(', ') || 'none' }
}

async function diskCheck(folder: string): Promise<Check> {
  const name = 'State folder'
  try {
    await mkdir(folder, { recursive: true })
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    return { name, state: free >= leastDiskBytes ? 'ok' : 'failed', found: `${folder}, ${formatBytes(free)} free` }
  } catch (error) {
    return { name, state: 'failed', found: HeschlError.from(error, { file: folder }).message }
  }
}

function windowCheck(): Check {
  const built = existsSync(join(builtWindow, 'index.html'))
  return { name: 'Window', state: built ? 'ok' : 'missing', found: built ? 'built' : 'not built: `npm run build`' }
}

function electronCheck(): Check {
  const binary = electronBinary()
  const found = binary ?? 'no binary: the window opens in a browser'
  return { name: 'Electron', state: binary === undefined ? 'missing' : 'ok', found }
}

function displayCheck(): Check {
  const why = noDisplay()
  return { name: 'Display', state: why === undefined ? 'ok' : 'missing', found: why ?? 'there is one' }
}
