/** The window and the command line, built by electron-vite into `out/`, only when what it is built from has changed. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetUpError } from './install.mjs'
import { withLock } from './lock.mjs'
import { root } from './node24.mjs'

const builtFrom = ['src-main', 'src-renderer', 'electron.vite.config.ts', 'tsconfig.base.json', 'package-lock.json']
const stamp = join(root, 'out', '.built-from')

/**
 * @param {string} node the path of Node 24
 * @returns {Promise<'built' | 'unchanged'>}
 * @throws {SetUpError} with the builder's output
 */
export async function ensureBuilt(node) {
  if (isBuilt()) return 'unchanged'
  const waiting = () => console.error('Another command is building the window; waiting for it…')
  return withLock(join(root, '.cache', 'build.lock'), waiting, async (hold) => {
    if (isBuilt()) return 'unchanged'
    const hash = hashSources()
    rmSync(stamp, { force: true })
    await build(node, hold)
    writeFileSync(stamp, hash)
    return 'built'
  })
}

/** Whether `out/` is there and of the present sources. */
export function isBuilt() {
  const outputs = ['main/index.js', 'main/cli.js', 'renderer/index.html'].map((path) => join(root, 'out', path))
  return outputs.every(existsSync) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hashSources()
}

/** SHA-256 over the names and bytes of everything the window is built from. */
function hashSources() {
  const hash = createHash('sha256')
  for (const path of builtFrom.flatMap(filesUnder)) hash.update(`${path}\0`).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/** @param {string} path @returns {string[]} */
function filesUnder(path) {
  if (!existsSync(join(root, path))) return []
  const entries = readdirSyncOrFile(path)
  return entries === undefined ? [path] : entries.flatMap((name) => filesUnder(`${path}/${name}`))
}

/** @param {string} path @returns {string[] | undefined} sorted names; undefined for a file */
function readdirSyncOrFile(path) {
  try {
    return readdirSync(join(root, path)).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined
    throw error
  }
}

/** @param {string} node @param {(pid: number) => void} hold @returns {Promise<void>} */
async function build(node, hold) {
  const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const child = spawn(node, [cli, 'build'], { cwd: root, env: { ...process.env, NODE_ENV: 'production' } })
  if (child.pid) hold(child.pid)
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const ended = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? '' : (signal ?? `code ${code}`)))
  })
  if (ended) throw new SetUpError(`Building the window failed (${ended}).\n\n${output.trimEnd()}`)
}
