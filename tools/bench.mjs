/**
 * `npm run bench`: the benchmarks of test/benchmark/.
 *
 *   npm run bench                         lists them
 *   npm run bench -- ridge --targets 500  runs one, with its own options
 *   npm run bench -- all                  runs all of them, one after the other
 *
 * HESCHL_PYTHON names a Python with the peers that Heschl is measured against; see docs/benchmarks.md.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node24.mjs'

const folder = join(root, 'test', 'benchmark')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))

const [name, ...options] = process.argv.slice(2)
const chosen = name === 'all' ? names : names.filter((candidate) => candidate === name)

if (name === undefined) {
  console.log(`Benchmarks: ${names.join(', ')}. Run one with: npm run bench -- NAME [its options], or: all`)
} else if (chosen.length === 0) {
  console.error(`No benchmark is called "${name}". There is: ${names.join(', ')}, all.`)
  process.exitCode = 2
} else {
  const results = chosen.map((benchmark) => runOne(benchmark))
  process.exitCode = results.every((code) => code === 0) ? 0 : 1
}

/** @param {string} benchmark @returns {number | null} its exit code */
function runOne(benchmark) {
  if (chosen.length > 1) console.log(`\n== ${benchmark}`)
  return spawnSync(process.execPath, [join(folder, `${benchmark}.ts`), ...options], { cwd: root, stdio: 'inherit' })
    .status
}
