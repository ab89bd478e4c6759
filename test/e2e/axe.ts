/** What axe-core finds in a page against WCAG 2.2 A and AA. Evaluated, not added as a script: the policy forbids those. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { root } from './paths.ts'

const source = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')
const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** A line a violation: its rule, and the first of what breaks it. */
export async function violations(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  const found = await page.evaluate(
    (tags) =>
      (window as unknown as { axe: { run(where: Document, options: object): Promise<AxeResults> } }).axe.run(document, {
        runOnly: tags,
        // Charts are pictures with a text beside them; their marks are not read one by one.
        resultTypes: ['violations'],
      }),
    levels,
  )
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.length} x ${nodes[0].html} (${nodes[0].failureSummary})`,
  )
}
