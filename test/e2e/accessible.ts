import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { violations } from './axe.ts'
import { looksAs } from './baselines.ts'
import { faintWords } from './contrast.ts'
import { cutWords } from './cutWords.ts'
import { drawnShare, readPng } from './image.ts'
import { artifacts } from './paths.ts'

type Theme = 'light' | 'dark'

/** Does the same in both themes, and comes back to the first. */
export async function inBothThemes(page: Page, look: (theme: Theme) => Promise<void>): Promise<void> {
  const other = page.getByRole('button', { name: /^(Dark|Light) theme$/ })
  for (let i = 0; i < 2; i++) {
    await look(/^Dark/.test(await other.innerText()) ? 'light' : 'dark')
    await other.click()
  }
}

/** In both themes: by axe, by our own look at contrast and at words that are cut off, and by how it looked before. */
export async function accessible(page: Page, name: string): Promise<void> {
  await inBothThemes(page, async (theme) => {
    expect([name, theme, await violations(page)]).toEqual([name, theme, []])
    expect([name, theme, await page.evaluate(faintWords)]).toEqual([name, theme, []])
    expect([name, theme, await page.evaluate(cutWords)]).toEqual([name, theme, []])
    await picture(page, name, theme)
  })
}

/** In both themes: as it was accepted, in the theme's colours and with something on it. The pictures are left for people. */
export const looks = (page: Page, name: string): Promise<void> =>
  inBothThemes(page, (theme) => picture(page, name, theme))

async function picture(page: Page, name: string, theme: Theme): Promise<void> {
  const bytes = await looksAs(page, `${name}-${theme}`)
  const seen = readPng(bytes)
  const mean = seen.rgb.reduce((sum, value) => sum + value, 0) / seen.rgb.length
  expect([name, theme, mean > 128 ? 'light' : 'dark']).toEqual([name, theme, theme])
  expect(drawnShare(seen)).toBeGreaterThan(0.02)
  await writeFile(join(artifacts, `${name}-${theme}.png`), bytes)
}
