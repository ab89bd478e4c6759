import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { violations } from './axe.ts'
import { faintWords } from './contrast.ts'
import { cutWords } from './cutWords.ts'
import { drawnShare, readPng } from './image.ts'
import { screenshot } from './support.ts'

/**
 * In both themes: by axe, by our own look at contrast and at words that are cut off, and by a picture, which has the
 * theme's colours and something on it. The pictures are left for people.
 */
export async function accessible(page: Page, name: string): Promise<void> {
  const other = page.getByRole('button', { name: /^(Dark|Light) theme$/ })
  for (let i = 0; i < 2; i++) {
    const theme = /^Dark/.test(await other.innerText()) ? 'light' : 'dark'
    expect([name, theme, await violations(page)]).toEqual([name, theme, []])
    expect([name, theme, await page.evaluate(faintWords)]).toEqual([name, theme, []])
    expect([name, theme, await page.evaluate(cutWords)]).toEqual([name, theme, []])
    const picture = readPng(await page.screenshot())
    const { rgb } = picture
    const mean = rgb.reduce((sum, value) => sum + value, 0) / rgb.length
    expect([name, theme, mean > 128 ? 'light' : 'dark']).toEqual([name, theme, theme])
    expect(drawnShare(picture)).toBeGreaterThan(0.02)
    await screenshot(page, `${name}-${theme}`)
    await other.click()
  }
}
