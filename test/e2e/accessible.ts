import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { violations } from './axe.ts'
import { faintWords } from './contrast.ts'
import { screenshot } from './support.ts'

/** By axe and by our own look at contrast, in both themes; a picture of each is left for people. */
export async function accessible(page: Page, name: string): Promise<void> {
  const other = page.getByRole('button', { name: /^(Dark|Light) theme$/ })
  for (let i = 0; i < 2; i++) {
    const theme = /^Dark/.test(await other.innerText()) ? 'light' : 'dark'
    expect([name, theme, await violations(page)]).toEqual([name, theme, []])
    expect([name, theme, await page.evaluate(faintWords)]).toEqual([name, theme, []])
    await screenshot(page, `${name}-${theme}`)
    await other.click()
  }
}
