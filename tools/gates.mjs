/** The gates of `npm test`: what each runs, in the order that finds a mistake soonest. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from './build.mjs'
import { root } from './node24.mjs'

/**
 * @typedef {import('./vitestReporter.mjs').TestReport} TestReport
 *
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {string} output what to show when it failed
 * @property {string} [note] what to say in its line
 * @property {TestReport} [report] of a gate that runs tests; undefined when it broke before it could say
 *
 * @typedef {object} Gate
 * @property {string} id
 * @property {string} what
 * @property {boolean} [tests] its tests are counted one by one
 * @property {() => Promise<Outcome>} run
 */

/** Beyond this a gate hangs. */
const limitMinutes = 30

const packages = join(root, 'node_modules')
const tsc = join(packages, 'typescript', 'bin', 'tsc')
const vueTsc = join(packages, 'vue-tsc', 'bin', 'vue-tsc.js')

/** Gates of one stage run side by side; a stage starts when the one before has ended. @type {readonly Gate[][]} */
export const stages = [
  [
    // First, as it takes by far the longest.
    tool('lint', 'eslint', [join(packages, 'eslint', 'bin', 'eslint.js'), '--max-warnings=0', '.']),
    tool('types:main', 'types of the main process', [tsc, '-p', 'tsconfig.main.json']),
    tool('types:tools', 'types of the tools', [tsc, '-p', 'tsconfig.tools.json']),
    tool('types:renderer', 'types of the window', [vueTsc, '-p', 'tsconfig.renderer.json', '--noEmit']),
    tool('types:tests', 'types of the tests', [vueTsc, '-p', 'tsconfig.test.json', '--noEmit']),
    tool('format', 'prettier', [join(packages, 'prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.']),
    tool('imports', 'import direction and cycles', [
      join(packages, 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
      ...['src-main', 'src-renderer', '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long'],
    ]),
    tool('unused', 'unused files, exports and dependencies', [join(packages, 'knip', 'bin', 'knip.js')]),
  ],
  [{ id: 'build', what: 'electron-vite production build', run: build }],
  [tests('unit', 'unit and integration tests', 'vitest.config.ts')],
  [tests('e2e', 'the window in a browser, and in Electron where its binary is', 'vitest.e2e.config.ts')],
]

/** @param {string} id @param {string} what @param {string[]} args @returns {Gate} */
function tool(id, what, args) {
  return { id, what, run: () => runNode(args) }
}

/** @param {string} id @param {string} what @param {string} config @returns {Gate} */
function tests(id, what, config) {
  return { id, what, tests: true, run: () => runVitest(config) }
}

/** @returns {Promise<Outcome>} */
async function build() {
  try {
    const done = await ensureBuilt(process.execPath)
    return { ok: true, output: '', ...(done === 'unchanged' ? { note: 'built before from the same sources' } : {}) }
  } catch (error) {
    return { ok: false, output: error instanceof Error ? error.message : String(error) }
  }
}

/** @param {string} config @returns {Promise<Outcome>} */
async function runVitest(config) {
  // Tests of commands start the bundle, as users do; the build's own gate says so where there is none.
  const bundled = (await build()).ok
  const folder = mkdtempSync(join(tmpdir(), 'heschl-test-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=dot', '--reporter=./tools/vitestReporter.mjs']
    const args = [join(packages, 'vitest', 'vitest.mjs'), 'run', '--config', config, ...reporters]
    const outcome = await runNode(args, {
      HESCHL_TEST_REPORT: file,
      ...(bundled ? { HESCHL_TEST_BUNDLE: '1' } : {}),
    })
    return withReport(outcome, file)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** @param {Outcome} outcome @param {string} file @returns {Outcome} */
function withReport(outcome, file) {
  try {
    /** @type {TestReport} */
    const report = JSON.parse(readFileSync(file, 'utf8'))
    const note = `${report.passed} passed, ${report.failed} failed, ${report.skipped.length} skipped`
    return { ...outcome, ok: outcome.ok && report.failed === 0, note, report }
  } catch {
    return { ...outcome, ok: false, output: `${outcome.output}\nVitest ended without a report.` }
  }
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @returns {Promise<Outcome>}
 */
function runNode(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    const timer = setTimeout(() => {
      output += `\nStopped after ${limitMinutes} minutes.`
      child.kill('SIGKILL')
    }, limitMinutes * 60_000)
    child.on('error', (error) => (output += error.message))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ ok: code === 0, output: output.trimEnd() + (signal ? `\nEnded by ${signal}.` : '') })
    })
  })
}
