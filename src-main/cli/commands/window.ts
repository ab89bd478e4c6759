/** `open` and `serve`: the window, in Electron or in a browser. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { stateDirectory } from '../../jobs/host/stateDir.ts'
import { noDisplay, openBrowser } from '../display.ts'
import { withEngine } from '../engine.ts'
import { builtWindow, electronBinary, electronInstaller, electronMain, root, version } from '../installation.ts'
import { interruption } from '../interrupts.ts'
import type { Output } from '../output.ts'

export interface ServeOptions {
  readonly port?: number
  /** False: say the address, open nothing. */
  readonly open: boolean
}

/** Electron that ends this soon with an error has not shown a window. */
const startSeconds = 5
const fetchSeconds = 180

/** Serves until interrupted. The one JSON document, with the address, is written once windows can connect. */
export async function serve(study: string | undefined, options: ServeOptions, output: Output): Promise<number> {
  const path = existing(study)
  const { startServer } = await import('../../server/server.ts')
  return withEngine(async (engine) => {
    const server = await startServer({
      engine,
      distDir: builtWindow,
      stateDir: stateDirectory(),
      version: version(),
      ...(path === undefined ? {} : { study: path }),
      ...(options.port === undefined ? {} : { port: options.port }),
    })
    const stopped = interruption()
    output.document({ url: server.url, study: path ?? null })
    const why = options.open ? noDisplay() : 'of --no-open'
    const opened = why === undefined && (await openBrowser(server.url))
    if (opened) output.note('Heschl is open in your browser. Ctrl-C ends it.')
    else output.note('Open this address in a browser on this machine. Ctrl-C ends it.')
    output.say(server.url)
    await stopped
    await server.close()
    return 0
  })
}

/** Electron where its binary can be had, otherwise the browser with one line that says why. */
export async function open(study: string | undefined, output: Output): Promise<number> {
  const path = existing(study)
  const why = noDisplay() ?? (await openElectron(path, output))
  if (why === undefined) return 0
  output.note(`Using a browser instead of Electron: ${why}.`)
  return serve(path, { open: true }, output)
}

/** @returns undefined once the user has closed the window; otherwise why there was none */
async function openElectron(path: string | undefined, output: Output): Promise<string | undefined> {
  if (!existsSync(electronMain)) return 'the desktop application has not been built (`npm run build`)'
  const binary = electronBinary() ?? (await fetchElectron(output))
  if (binary === undefined) return "Electron's binary is not installed and could not be fetched"
  const begun = performance.now()
  const child = spawn(binary, [root, ...(path === undefined ? [] : [path])], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2000)))
  output.document({ electron: binary, study: path ?? null })
  const ended = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code) => resolve(code === 0 ? undefined : (words.trim().split('\n').at(-1) ?? '')))
  })
  if (ended === undefined) return undefined
  const seconds = (performance.now() - begun) / 1000
  if (seconds < startSeconds) return `Electron did not start (${ended || 'it said nothing'})`
  throw new HeschlError('INTERNAL', 'The window ended unexpectedly', {
    ...(ended ? { found: ended } : {}),
    remedy: 'Open the study again: what was finished is stored',
  })
}

async function fetchElectron(output: Output): Promise<string | undefined> {
  const installer = electronInstaller()
  if (installer === undefined) return undefined
  output.note('Fetching Electron (once, about 110 MB)…')
  const child = spawn(process.execPath, [installer], { stdio: 'ignore', timeout: fetchSeconds * 1000 })
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  return electronBinary()
}

/** @throws HeschlError FILE_MISSING before anything is started for a study that is not there */
function existing(study: string | undefined): string | undefined {
  if (study === undefined) return undefined
  const path = resolve(study)
  if (existsSync(path)) return path
  throw new HeschlError('FILE_MISSING', 'There is no such study', {
    where: { file: path },
    remedy: 'Give the path of a study.yaml; `heschl demo` makes one to look at',
  })
}
