/** A figure is composed in the window, saved, opened again, and exported there and by the command line. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { heschl } from '../main/cli/heschl.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'
import { launchBrowser } from './chromium.ts'
import { faintWords } from './contrast.ts'
import { jobSays, removeFolder, screenshot, serve, temporaryFolder, visit } from './support.ts'
import type { Served, Visit } from './support.ts'

let folder: string
let served: Served
let browser: Browser
let visited: Visit
let page: Page

beforeAll(async () => {
  folder = await temporaryFolder()
  const { path } = await makeSmallStudy(folder, { layers: ['transf0', 'transf1'], subjects: 2 })
  served = await serve(join(folder, 'state'), path)
  browser = await launchBrowser()
  visited = await visit(browser, served.url, { colorScheme: 'dark' })
  page = visited.page
})
afterAll(async () => {
  await browser?.close()
  await served?.stop()
  if (folder) await removeFolder(folder)
})

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const panel = (name: RegExp) => page.getByRole('group', { name })
const drawn = (name: RegExp) => panel(name).locator('svg')
const wordsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, word]) => word)

test('what views show is put on a page, moved, and taken back', async () => {
  await button('Run').click()
  await jobSays(page, /^Done/)
  await expect.poll(() => button('Add to figure').first().isEnabled()).toBe(true)
  for (const at of [0, 1]) await button('Add to figure').nth(at).click()
  await page.getByRole('tab', { name: 'Figures' }).click()
  await button('Brain scores: Whole cortex').click()
  await drawn(/^Panel c: Whole cortex/).waitFor({ timeout: 60_000 })
  await drawn(/^Panel a: w2v-1/).waitFor()

  const layers = panel(/^Panel b: Score by layer/)
  await layers.focus()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('ArrowDown')
  expect(await layers.getAttribute('aria-label')).toContain('at 92 and 8')
  await button('Undo on the page').click()
  expect(await layers.getAttribute('aria-label')).toContain('at 92 and 2')

  // Dragged by hand, it lies on the edge of the map when it comes near.
  const box = (await layers.boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2 + 40, { steps: 4 })
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2 + 1, { steps: 4 })
  expect(await page.locator('.guide').count()).toBeGreaterThan(0)
  await page.mouse.up()
  expect(await layers.getAttribute('aria-label')).toMatch(/at 92(\.\d+)? and 2,/)

  await button(/Page, caption, methods/).click()
  await button('Draft caption and methods').click()
  await expect
    .poll(() => page.getByLabel('Caption').inputValue())
    .toMatch(/a, Pearson r.* b, mean Pearson r.* c, mean over/)
  expect(await page.getByLabel('Methods').inputValue()).toContain('Encoding models were fitted')
  expect(await page.evaluate(faintWords)).toEqual([])
  await screenshot(page, 'figures')
})

test('it is saved, opened again as it was, and exported as it is seen, here and from the command line', async () => {
  await button('Save').click()
  await button('Saved').waitFor()
  const file = join(folder, 'figures', 'Figure 1.figure.yaml')
  const text = await readFile(file, 'utf8')
  for (const part of ['show: map', 'show: layers', 'panel: cortex', 'the map of w2v-1']) expect(text).toContain(part)

  await page.reload()
  await drawn(/^Panel c: Whole cortex/).waitFor({ timeout: 60_000 })
  const seen = await drawn(/^Panel b: Score by layer/).evaluate((svg) => svg.outerHTML)
  await button('Export figure').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /^SVG/ }).click()
  const here = await readFile(await (await download).path(), 'utf8')
  for (const word of wordsOf(seen)) expect(wordsOf(here)).toContain(word)
  expect(visited.complaints).toEqual([])

  expect(await served.stop()).toBe(0)
  const { code } = await heschl(
    folder,
    'export',
    'study.yaml',
    '--figure',
    'Figure 1',
    '--out',
    'out',
    '--formats',
    'svg,pdf',
  )
  expect(code).toBe(0)
  const drawing = (svg: string) => svg.replace(/<metadata>.*<\/metadata>/s, '')
  expect(drawing(await readFile(join(folder, 'out', 'Figure 1.svg'), 'utf8'))).toBe(drawing(here))
  for (const exported of [join('out', 'Figure 1.pdf'), file])
    expect((await heschl(folder, 'verify', exported)).code).toBe(0)
})
