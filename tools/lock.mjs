/**
 * A lock between processes, so that two commands started at once do not install or build at once. It is a file that
 * names the processes that hold it, and is taken over when none of them is alive.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a process may take to remove the file of a dead one, before it is taken to have died itself. */
const breakMilliseconds = 10_000

/**
 * Runs `work` while holding the lock `file`; waits for as long as another living process holds it.
 *
 * @template Result
 * @param {string} file the lock's path; its folder is made if need be
 * @param {() => void} onWait called once if another process holds the lock
 * @param {(hold: (pid: number) => void) => Promise<Result>} work `hold` adds a child process that holds the lock too,
 *   in case this one is killed and leaves it behind
 * @returns {Promise<Result>}
 */
export async function withLock(file, onWait, work) {
  mkdirSync(dirname(file), { recursive: true })
  let waited = false
  while (!createFile(file, `${process.pid}\n`)) {
    if (!isHeld(file)) {
      removeStale(file)
      continue
    }
    if (!waited) onWait()
    waited = true
    await sleep(200)
  }
  try {
    return await work((pid) => writeFileSync(file, `${process.pid}\n${pid}\n`))
  } finally {
    rmSync(file, { force: true })
  }
}

/** True when this call made the file, false when there is one. @param {string} file @param {string} text */
function createFile(file, text) {
  try {
    writeFileSync(file, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/** @param {string} file */
function isHeld(file) {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
  const pids = text.split('\n').map(Number).filter(Boolean)
  // A file without a number is one that its process has made and not filled yet, unless it has been so for long.
  if (pids.length === 0) return isYounger(file, breakMilliseconds)
  return pids.some(isAlive)
}

/** Only one process at a time may remove a stale lock; it looks again first. @param {string} file */
function removeStale(file) {
  const guard = `${file}.break`
  if (!createFile(guard, '')) {
    if (!isYounger(guard, breakMilliseconds)) rmSync(guard, { force: true })
    return
  }
  try {
    if (!isHeld(file)) rmSync(file, { force: true })
  } finally {
    rmSync(guard, { force: true })
  }
}

/** @param {string} file @param {number} milliseconds */
function isYounger(file, milliseconds) {
  const found = statSync(file, { throwIfNoEntry: false })
  return found !== undefined && Date.now() - found.mtimeMs < milliseconds
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

/** @param {unknown} error @param {string} code */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code
}
