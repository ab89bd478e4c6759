/** Adds up the gates' outcomes into the closing lines of `npm test`. */

/**
 * @typedef {object} Result
 * @property {import('./gates.mjs').Gate} gate
 * @property {import('./gates.mjs').Outcome} [outcome]
 * @property {string} [notRun] why it was not run
 */

/**
 * A test counts as one, and so does a gate that is not made of tests (types, lint, …), or that broke for another reason
 * than a failed test.
 *
 * @param {readonly Result[]} results
 * @returns {{ lines: string[], failed: number }} the last line is `N passed, N failed, N skipped`
 */
export function closingLines(results) {
  let passed = 0
  let failed = 0
  /** @type {{ where: string, reason: string }[]} */
  const skipped = []
  for (const { gate, outcome, notRun } of results) {
    if (!outcome) {
      skipped.push({ where: `all of ${gate.id}`, reason: notRun ?? '' })
      continue
    }
    const { report } = outcome
    if (report) {
      passed += report.passed
      failed += report.failed
      skipped.push(...report.skipped.map(({ file, name, reason }) => ({ where: `${file}: ${name}`, reason })))
    }
    if (outcome.ok && !gate.tests) passed += 1
    if (!outcome.ok && !report?.failed) failed += 1
  }
  return {
    lines: ['', ...describeSkipped(skipped), `${passed} passed, ${failed} failed, ${skipped.length} skipped`],
    failed,
  }
}

/** Grouped by reason. @param {{ where: string, reason: string }[]} skipped */
function describeSkipped(skipped) {
  if (skipped.length === 0) return []
  const byReason = new Map()
  for (const { where, reason } of skipped) {
    const key = reason || 'as its name says'
    byReason.set(key, [...(byReason.get(key) ?? []), where])
  }
  const groups = [...byReason].flatMap(([reason, places]) => [
    `  ${reason}:`,
    .../** @type {string[]} */ (places).map((place) => `    ${place}`),
  ])
  return ['Skipped:', ...groups, '']
}
