/** Where this Heschl is, and what of it is there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder with package.json: two above this file, in the sources and in the bundle alike. */
export const root = fileURLToPath(new URL('../..', import.meta.url))
export const resources = join(root, 'resources')
export const builtWindow = join(root, 'out', 'renderer')
export const electronMain = join(root, 'out', 'main', 'index.js')

export function version(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return version
}

const electronPackage = join(root, 'node_modules', 'electron')

/** Electron's binary, which is not part of its npm package; undefined where it has not been fetched. */
export function electronBinary(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const pathFile = join(electronPackage, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : ''
  const override = env.ELECTRON_OVERRIDE_DIST_PATH
  if (!override && !name) return undefined
  const binary = override ? join(override, name || 'electron') : join(electronPackage, 'dist', name)
  return existsSync(binary) ? binary : undefined
}

/** The script with which Electron fetches its binary; undefined where Electron is not installed at all. */
export function electronInstaller(): string | undefined {
  const script = join(electronPackage, 'install.js')
  return existsSync(script) ? script : undefined
}

/** A command as the user can type it: under `npm run` there is no `heschl` on the path. */
export function shellCommand(...args: readonly string[]): string {
  const name = process.env.npm_lifecycle_event === undefined ? 'heschl' : 'npm run heschl --'
  return [name, ...args.map((arg) => (/^[\w@%+=:,./\\-]+$/.test(arg) ? arg : JSON.stringify(arg)))].join(' ')
}
