/** The real command, as a shell would run it: the bundle under `npm test`, which has built it, and else the sources. */
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { expect } from 'vitest'

/** The file that Node runs. */
export const main = resolve(process.env.HESCHL_TEST_BUNDLE ? 'out/main/cli.js' : 'src-main/cli/main.ts')

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts a command in a folder, which also keeps its state. */
export function start(
  folder: string,
  ...args: readonly string[]
): { child: ChildProcessByStdio<null, Readable, Readable>; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HESCHL_STATE_DIR: join(folder, 'state'), CI: '1', HESCHL_DEBUG: '' },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { child, ended }
}

/** Runs a command to its end; whatever happens, nobody is shown a stack trace. */
export async function heschl(folder: string, ...args: readonly string[]): Promise<Ended> {
  const ended = await start(folder, ...args).ended
  expect(ended.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
  return ended
}
