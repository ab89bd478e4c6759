/** Compares `node_modules` with `package-lock.json`: what `npm ci` would have to do, found without running it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {boolean} [optional]
 * @property {string | string[]} [os]
 * @property {string | string[]} [cpu]
 * @property {string | string[]} [libc]
 */

/**
 * The packages that are in the lock file for this platform, and not in `node_modules` at that version.
 *
 * npm writes `node_modules/.package-lock.json` when it has finished, so where that is absent everything counts as
 * missing: an installation that was interrupted may have left half a package.
 *
 * @param {string} root the repository's folder
 * @param {{ platform: string, arch: string, libc: string | undefined }} [machine]
 * @returns {string[]} paths such as `node_modules/vue`
 * @throws when package-lock.json cannot be read
 */
export function missingPackages(root, machine = thisMachine()) {
  const finished = existsSync(join(root, 'node_modules', '.package-lock.json'))
  /** @type {{ packages: Record<string, LockedPackage> }} */
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(lock.packages)
    .filter(([path, locked]) => path !== '' && isNeeded(locked, machine))
    .filter(([path, locked]) => !finished || installedVersion(join(root, path)) !== locked.version)
    .map(([path]) => path)
}

/** npm leaves out optional packages of other platforms, and those that only such packages use. */
/** @param {LockedPackage} locked @param {{ platform: string, arch: string, libc: string | undefined }} machine */
function isNeeded(locked, machine) {
  if (!locked.optional) return true
  if (locked.os === undefined || locked.cpu === undefined) return false
  const fitsLibc = locked.libc === undefined || machine.libc === undefined || matches(locked.libc, machine.libc)
  return matches(locked.os, machine.platform) && matches(locked.cpu, machine.arch) && fitsLibc
}

/** @param {string | string[]} allowed @param {string} value */
function matches(allowed, value) {
  return [allowed].flat().includes(value)
}

/** @param {string} folder @returns {string | undefined} */
function installedVersion(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
  } catch {
    return undefined
  }
}

function thisMachine() {
  return { platform: process.platform, arch: process.arch, libc: process.platform === 'linux' ? libc() : undefined }
}

function libc() {
  /** @type {any} */
  const report = process.report
  report.excludeNetwork = true
  return report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
}
