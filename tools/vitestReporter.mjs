/** A vitest reporter that writes what `npm test` adds up: counts, and each skipped test with its reason. */
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from './node24.mjs'

/**
 * @typedef {{ file: string, name: string, reason: string }} SkippedTest
 * @typedef {{ passed: number, failed: number, skipped: SkippedTest[] }} TestReport
 */

export default class {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandled errors outside any test; each counts as a failed test
   */
  onTestRunEnd(modules, unhandled) {
    const file = process.env.HESCHL_TEST_REPORT
    if (!file) throw new Error('HESCHL_TEST_REPORT must name the file to write')
    writeFileSync(file, JSON.stringify(summarise(modules, unhandled.length)))
  }
}

/**
 * @param {readonly import('vitest/node').TestModule[]} modules
 * @param {number} unhandled
 * @returns {TestReport}
 */
function summarise(modules, unhandled) {
  /** @type {TestReport} */
  const report = { passed: 0, failed: unhandled, skipped: [] }
  for (const module of modules) {
    // A file that cannot be loaded, or a suite whose hook throws, has no test that failed.
    report.failed += module.errors().length
    for (const suite of module.children.allSuites()) report.failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') report.passed += 1
      else if (result.state === 'skipped') {
        const reason = setUpFailed(test) ? 'its set-up failed' : reasonOf(test.fullName, result.note)
        const name = test.fullName.replace(/ *\(skipped\b[^()]*\)/i, '')
        report.skipped.push({ file: relative(root, module.moduleId), name, reason })
      } else report.failed += 1
    }
  }
  return report
}

/** Vitest skips the tests of a suite or a file whose `beforeAll` threw. @param {import('vitest/node').TestCase} test */
function setUpFailed(test) {
  for (let parent = test.parent; ; parent = parent.parent) {
    if (parent.errors().length > 0) return true
    if (parent.type === 'module') return false
  }
}

/**
 * Why a test was skipped: what it told vitest, or what its name says after "skipped:" or in "(needs …)".
 *
 * @param {string} name
 * @param {string | undefined} note
 * @returns {string} empty when neither says
 */
export function reasonOf(name, note) {
  if (note) return note
  const said =
    /\bskipped(?:: *| +(?=on|where|when|unless|without|because))([^()]*)/i.exec(name) ??
    /\((needs [^()]*)\)/i.exec(name)
  return said?.[1]?.trim() ?? ''
}
