/** What the pictures of views tell apart, and what they do not; part of window.test.ts, whose study and page it shares. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { smallPicture, steadyPicture } from './baselines.ts'
import { compareTiles } from './tiles.ts'

/** @param shared the page of an open study with scores, asked for when a test runs */
export function looksTests(shared: () => Page): void {
  test('a picture of a view tells what is missing, moved or recoloured, and not other digits or a finer drawing', async () => {
    const page = shared()
    const picture = async () => smallPicture(await steadyPicture(page))
    /** Tiles that differ while the page is so. */
    const differs = async (change: () => void, back: () => void) => {
      await page.evaluate(change)
      const tiles = compareTiles(await picture(), before)
      await page.evaluate(back)
      return tiles.length
    }
    await page.locator('canvas[data-drawn]').waitFor()
    await page.mouse.move(2, 2)
    await page.waitForTimeout(300)
    const before = await picture()
    const none = () => undefined
    expect(await differs(none, none)).toBe(0)
    const digits = await differs(
      () =>
        document.querySelectorAll<HTMLElement>('td.number').forEach((cell) => {
          cell.dataset['was'] = cell.textContent
          cell.textContent = cell.textContent.replace(/\d/g, '8')
        }),
      () =>
        document.querySelectorAll<HTMLElement>('td.number').forEach((cell) => {
          cell.textContent = cell.dataset['was']!
          delete cell.dataset['was']
        }),
    )
    expect(digits).toBe(0)
    const found = {
      hidden: await differs(
        () => document.querySelector<HTMLElement>('.results table')!.style.setProperty('visibility', 'hidden'),
        () => document.querySelector<HTMLElement>('.results table')!.style.removeProperty('visibility'),
      ),
      button: await differs(
        () => document.querySelector<HTMLElement>('.toolbar button')!.style.setProperty('visibility', 'hidden'),
        () => document.querySelector<HTMLElement>('.toolbar button')!.style.removeProperty('visibility'),
      ),
      accent: await differs(
        () => document.documentElement.style.setProperty('--accent', '#a8650b'),
        () => document.documentElement.style.removeProperty('--accent'),
      ),
      paper: await differs(
        () => document.documentElement.style.setProperty('--paper', '#d8d0c8'),
        () => document.documentElement.style.removeProperty('--paper'),
      ),
      type: await differs(
        () => document.documentElement.style.setProperty('--text', '15px'),
        () => document.documentElement.style.removeProperty('--text'),
      ),
    }
    for (const [what, tiles] of Object.entries(found)) expect([what, tiles > 0]).toEqual([what, true])
    const colours = page.getByLabel('Colours')
    await colours.selectOption({ index: 1 })
    await expect.poll(async () => compareTiles(await picture(), before).length).toBeGreaterThan(2)
    await colours.selectOption({ index: 0 })
    await expect.poll(async () => compareTiles(await picture(), before).length).toBe(0)
  })
}
