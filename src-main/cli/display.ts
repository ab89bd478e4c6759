/** Whether someone can see a window, and how to show one. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * @returns undefined where a window can be opened, else why not, as the end of a sentence
 */
export function noDisplay(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (env.CI) return 'this is a CI job'
  if (env.SSH_CONNECTION && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'this is a remote shell'
  if (platform === 'win32' || platform === 'darwin') return undefined
  return env.DISPLAY || env.WAYLAND_DISPLAY ? undefined : 'there is no display'
}

/** The command that opens an address in the default browser. */
export function browserCommand(
  url: string,
  platform: NodeJS.Platform = process.platform,
): readonly [command: string, args: readonly string[]] {
  if (platform === 'darwin') return ['open', [url]]
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]]
  return ['xdg-open', [url]]
}

/** @returns whether the browser could be asked to */
export async function openBrowser(url: string): Promise<boolean> {
  const [command, args] = browserCommand(url)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  const asked = await started(child)
  child.unref()
  return asked
}

function started(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(true))
    child.once('error', () => resolve(false))
  })
}
