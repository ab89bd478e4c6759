/** A figure is composed in the window, saved, opened again, and exported there and by the command line. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { heschl } from '../main/cli/heschl.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'
import { looks } from './accessible.ts'
import { faintWords } from './contrast.ts'
import { openWindow, type Opened } from './opened.ts'
import { jobSays, screenshot } from './support.ts'

let opened: Opened
let page: Page

beforeAll(async () => {
  opened = await openWindow({ colorScheme: 'dark' }, async (folder) => {
    return (await makeSmallStudy(folder, { layers: ['transf0', 'transf1'], subjects: 2 })).path
  })
  page = opened.page
})
afterAll(() => opened?.close())

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
  await looks(page, 'figures')
})

test('a grid with differences, dragged from Compare onto the page, lies where it was dropped', async () => {
  await page.getByRole('tab', { name: 'Compare' }).click()
  await page.getByRole('combobox', { name: 'Show', exact: true }).selectOption('difference')
  await page.getByRole('checkbox', { name: 'regions' }).check()
  await page.getByText(/Difference of Pearson r, mean of 2 subjects/).waitFor()
  await expect.poll(() => button('Add to figure: the grid').isEnabled()).toBe(true)
  await screenshot(page, 'figures-compare')
  const from = (await button('Add to figure: the grid').boundingBox())!
  const tab = (await page.getByRole('tab', { name: 'Figures' }).boundingBox())!
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(tab.x + 5, tab.y + 5, { steps: 5 })
  await page.mouse.move(tab.x + tab.width / 2, tab.y + tab.height / 2, { steps: 3 })
  const paper = page.getByRole('group', { name: /^Page,/ })
  await paper.waitFor()
  const sheet = (await paper.boundingBox())!
  await page.mouse.move(sheet.x + sheet.width / 2, sheet.y + sheet.height - 30, { steps: 5 })
  await page.mouse.up()
  await drawn(/^Panel .: compare/).waitFor({ timeout: 60_000 })
  // Its middle is where it was let go: below the others.
  const words = (await panel(/^Panel .: compare/).getAttribute('aria-label'))!
  const [, y, height] = /and ([\d.]+), [\d.]+ by ([\d.]+)/.exec(words)!.map(Number)
  expect(y + height / 2).toBeGreaterThan(60)
  expect(wordsOf(await drawn(/^Panel .: compare/).evaluate((svg) => svg.outerHTML))).toContain('left, lateral')
  await screenshot(page, 'figures-page')
})

test('panels are chosen together, lined up, and moved as one', async () => {
  const [map, layers] = [/^Panel .: w2v-1/, /^Panel .: Score by layer/]
  /** Left, top, width, height. */
  const place = async (name: RegExp) => {
    const words = (await panel(name).getAttribute('aria-label'))!
    return /at ([\d.]+) and ([\d.]+), ([\d.]+) by ([\d.]+)/.exec(words)!.slice(1).map(Number)
  }
  await panel(map).click()
  await panel(layers).click({ modifiers: ['Shift'] })
  await page.getByRole('heading', { name: '2 panels' }).waitFor()
  await button('Align at the bottom').click()
  const [a, b] = [await place(map), await place(layers)]
  expect(a[1] + a[3]).toBeCloseTo(b[1] + b[3], 2)
  await panel(layers).press('Shift+ArrowDown')
  expect([(await place(map))[1] - a[1], (await place(layers))[1] - b[1]]).toEqual([5, 5])
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  expect((await place(layers))[1]).toBe(2)
  await page.keyboard.press('Control+a')
  await page.getByRole('heading', { name: '4 panels' }).waitFor()
  await panel(map).press('Escape')
})

test('an export tells how far it is, and stops when asked', async () => {
  // Pictures of tens of millions of dots take seconds to draw.
  await page.getByLabel('Dots an inch').fill('1200')
  await page.keyboard.press('Enter')
  await button('Export figure').click()
  await page.getByRole('menuitem', { name: /^PNG/ }).click()
  await expect.poll(() => page.getByRole('status').filter({ hasText: 'Cancel export' }).innerText()).toMatch(/%/)
  await button('Cancel export').click()
  await page.getByText('Export cancelled; nothing was written').waitFor()
  await button('Undo on the page').click()
  await expect.poll(() => button('Export figure').isEnabled()).toBe(true)
})

test('it is saved, opened again as it was, and exported as it is seen, here and from the command line', async () => {
  await button('Save').click()
  await button('Saved').waitFor()
  const file = join(opened.folder, 'figures', 'Figure 1.figure.yaml')
  const text = await readFile(file, 'utf8')
  for (const part of [
    'show: map',
    'show: compare',
    'kind: difference',
    'show: layers',
    'panel: cortex',
    'the map of w2v-1',
  ])
    expect(text).toContain(part)

  await page.reload()
  await drawn(/^Panel .: Whole cortex/).waitFor({ timeout: 60_000 })
  const seen = await drawn(/^Panel .: Score by layer/).evaluate((svg) => svg.outerHTML)
  await button('Export figure').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /^SVG/ }).click()
  const here = await readFile(await (await download).path(), 'utf8')
  for (const word of wordsOf(seen)) expect(wordsOf(here)).toContain(word)
  expect(opened.visited.complaints).toEqual([])

  expect(await opened.served.stop()).toBe(0)
  const { code } = await heschl(
    opened.folder,
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
  expect(drawing(await readFile(join(opened.folder, 'out', 'Figure 1.svg'), 'utf8'))).toBe(drawing(here))
  for (const exported of [join('out', 'Figure 1.pdf'), file])
    expect((await heschl(opened.folder, 'verify', exported)).code).toBe(0)
})
