/**
 * `npm test`: runs every gate, and ends with what was skipped and how many passed, failed and were skipped.
 *
 *   npm test                        everything
 *   npm test -- --only types,lint   some gates (`types` is all of `types:…`)
 *   npm test -- --bail              stops after the first stage in which something failed
 *   npm test -- --list              names the gates
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { stages } from './gates.mjs'
import { closingLines } from './tally.mjs'

/**
 * @typedef {import('./gates.mjs').Gate} Gate
 * @typedef {import('./tally.mjs').Result} Result
 */

const { values } = parseArgs({
  options: { only: { type: 'string' }, bail: { type: 'boolean' }, list: { type: 'boolean' } },
})

if (values.list) {
  for (const { id, what } of stages.flat()) console.log(`${id.padEnd(16)} ${what}`)
} else {
  const chosen = choose(values.only)
  if (chosen) process.exitCode = await runStages(chosen)
  else process.exitCode = 2
}

/** @param {string | undefined} only @returns {Gate[][] | undefined} undefined when a name is not a gate's */
function choose(only) {
  if (only === undefined) return stages.map((stage) => [...stage])
  const names = only.split(',').map((name) => name.trim())
  const fits = (/** @type {Gate} */ gate, /** @type {string} */ name) =>
    gate.id === name || gate.id.startsWith(`${name}:`)
  const unknown = names.filter((name) => !stages.flat().some((gate) => fits(gate, name)))
  if (unknown.length > 0) {
    console.error(
      `No gate is called ${unknown.join(', ')}. There is: ${stages
        .flat()
        .map(({ id }) => id)
        .join(', ')}.`,
    )
    return undefined
  }
  return stages.map((stage) => stage.filter((gate) => names.some((name) => fits(gate, name))))
}

/** @param {Gate[][]} chosen @returns {Promise<number>} the exit code */
async function runStages(chosen) {
  /** @type {Result[]} */
  const results = []
  let stopped = false
  for (const stage of chosen) {
    if (stopped) results.push(...stage.map((gate) => ({ gate, notRun: 'a gate before it failed (--bail)' })))
    else results.push(...(await runSideBySide(stage)))
    stopped = values.bail === true && results.some(({ outcome }) => outcome && !outcome.ok)
  }
  const { lines, failed } = closingLines(results)
  console.log(lines.join('\n'))
  return failed === 0 ? 0 : 1
}

/** Two at a time on two cores, never more than four: each takes up to a gigabyte. @param {Gate[]} stage */
async function runSideBySide(stage) {
  const waiting = [...stage]
  /** @type {Result[]} */
  const results = []
  const worker = async () => {
    for (let gate = waiting.shift(); gate; gate = waiting.shift()) {
      const started = performance.now()
      const outcome = await gate.run()
      results.push({ gate, outcome })
      say(gate, outcome, (performance.now() - started) / 1000)
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker))
  return results
}

/** @param {Gate} gate @param {import('./gates.mjs').Outcome} outcome @param {number} seconds */
function say(gate, outcome, seconds) {
  const time = `${seconds.toFixed(1)} s`.padStart(8)
  console.log(`${outcome.ok ? 'ok    ' : 'FAILED'} ${gate.id.padEnd(15)} ${time}  ${outcome.note ?? gate.what}`)
  if (!outcome.ok) console.log(outcome.output.replace(/^/gm, '       '))
}
