/** Electrodes on the cortex as a person meets them: a synthetic study of two subjects on the schematic cortex. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Client } from './client.ts'
import { makeElectrodeStudy, type ElectrodeStudy } from '../support/electrodeStudy.ts'
import { accessible } from './accessible.ts'
import { readPng } from './image.ts'
import { alreadyRun, openWindow, type Opened } from './opened.ts'
import { screenshot } from './support.ts'

let opened: Opened
let page: Page
let study: ElectrodeStudy
let client: Client

beforeAll(async () => {
  opened = await openWindow({ colorScheme: 'light' }, async (folder) => {
    study = await makeElectrodeStudy(join(folder, 'study'))
    return alreadyRun(folder, study.path)
  })
  page = opened.page
  client = await connect(opened.served.url)
})
afterAll(async () => {
  client?.close()
  await opened?.close()
})

const tab = (name: string) => page.getByRole('tab', { name, exact: true })
const cortex = () => page.getByRole('application', { name: /^Cortex/ })
const choice = (name: string) => page.getByRole('combobox', { name, exact: true })
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })

/** Pixels with a hue: discs in their colours, since the cortex is grey. */
function coloured({ rgb }: { rgb: Uint8Array }): number {
  let count = 0
  for (let at = 0; at < rgb.length; at += 3)
    if (Math.max(rgb[at], rgb[at + 1], rgb[at + 2]) - Math.min(rgb[at], rgb[at + 1], rgb[at + 2]) > 60) count++
  return count
}

test('each electrode is a disc with its value, which pointer and keyboard read and pin; others are listed with the reason', async () => {
  await page.locator('canvas[data-drawn]').waitFor()
  await page.getByText('22 of 24 electrodes').waitFor()
  const table = await client.call('scoreTable', { study: study.path })
  const score = (name: string) => table.rows[0].byRegion[table.regions.indexOf(name)]
  await expect.poll(async () => coloured(readPng(await page.locator('canvas').screenshot()))).toBeGreaterThan(150)
  await cortex().focus()
  await page.keyboard.press('ArrowRight')
  const readout = page.locator('#cortex-readout')
  await expect.poll(() => readout.innerText()).toMatch(/electrode a:G1\s/)
  expect(await readout.innerText()).toContain(score('a:G1').toFixed(3))
  // The keyboard's marker lies on the disc: there the pointer reads the same.
  await page.keyboard.press('ArrowRight')
  const marker = (await page.locator('.marker').first().boundingBox())!
  await page.mouse.move(marker.x + marker.width / 2, marker.y + marker.height / 2)
  await expect.poll(() => readout.innerText()).toMatch(/electrode a:G2\s.*x −\d+\.\d, y −15\.0, z −18\.0 mm/s)
  expect(await readout.innerText()).toContain(score('a:G2').toFixed(3))
  await page.mouse.down()
  await page.mouse.up()
  await button(/^a:G2, \S+, left 0\.\d+/).waitFor()
  await page.mouse.move(marker.x, marker.y - 120)
  await expect.poll(() => readout.innerText()).toContain('no electrode here')
  // A map of one sign has no threshold of its own: ticked, it begins a quarter of the way up.
  await page.getByRole('checkbox', { name: 'Threshold' }).check()
  expect(Number(await page.getByLabel('Threshold value').inputValue())).toBeCloseTo(0.2, 1)
  await page.getByRole('checkbox', { name: 'Threshold' }).uncheck()
  await tab('Electrodes').click()
  await page.getByRole('row', { name: /^a:D1 not drawn \(FAR\) 0\.\d+/ }).waitFor()
  await page.getByRole('row', { name: /^b:N1 not drawn \(NO_COORDINATES\) 0\.\d+/ }).waitFor()
  await page.getByRole('row', { name: /^a:G6 left, \S+ 0\.\d+/ }).waitFor()
  await screenshot(page, 'electrodes')
  await accessible(page, 'electrodes')
  expect(opened.visited.complaints).toEqual([])
})

test('Compare: a subject’s row has its own electrodes; differences are those of the scores; one draw call a cell', async () => {
  await tab('Compare').click()
  const canvas = page.locator('canvas[data-drawn="true"]')
  await canvas.waitFor()
  expect(Number(await canvas.getAttribute('data-calls'))).toBeLessThanOrEqual(8 + 4)
  await choice('Show').selectOption('difference')
  await page.getByText(/Difference of r²; electrodes of 2 subjects/).waitFor()
  const table = await client.call('scoreTable', { study: study.path })
  const part = (model: string) => ({ models: [model], layer: model, subject: 'mean' })
  const spec = { kind: 'difference', of: part('loud'), less: part('edges') } as const
  const [answer] = await client.call('maps', { study: study.path, maps: [spec], correction: 'none' })
  const { left, right } = await client.call('surface', { study: study.path })
  if (!answer.ok) throw new Error(answer.error.summary)
  for (const [side, map] of [
    [left, answer.map.left],
    [right, answer.map.right],
  ] as const)
    side.electrodes!.names.forEach((name, e) => {
      const at = table.regions.indexOf(`${side.electrodes!.subjects[e]}:${name}`)
      const [a, b] = table.rows.map(({ byRegion }) => byRegion[at])
      expect(map[side.sulc.length + e]).toBeCloseTo(a - b, 6)
    })
  const p = { kind: 'p', of: part('loud'), less: null } as const
  const [tested] = await client.call('maps', { study: study.path, maps: [p], correction: 'none' })
  expect(tested).toMatchObject({
    ok: false,
    error: { code: 'OPTION_INVALID', found: 'electrodes, each of one subject' },
  })
  await choice('Show').selectOption('score')
  await choice('Rows').selectOption('subject')
  await page.getByTitle('Mean', { exact: true }).waitFor()
  await canvas.waitFor()
  await page.mouse.move(2, 2)
  await page.waitForTimeout(500)
  const box = (await canvas.boundingBox())!
  const row = async (index: number, column: number) => {
    const [width, height] = [box.width / 4, box.height / 3]
    const clip = { x: box.x + column * width, y: box.y + index * height + 4, width, height: height - 8 }
    return coloured(readPng(await page.screenshot({ clip })))
  }
  // Subject a's are on the left, b's on the right. The pin is on a's.
  expect(await row(2, 3)).toBeGreaterThan(20)
  expect(await row(1, 3)).toBe(0)
  expect(await row(1, 0)).toBeGreaterThan(100)
  await screenshot(page, 'electrodes-compare')
  await choice('Rows').selectOption('model')
  expect(opened.visited.complaints).toEqual([])
})

test('Why here: an electrode has its time course, by its subject', async () => {
  await tab('Why here').click()
  await page.getByRole('application', { name: /^Time courses/ }).waitFor({ timeout: 60_000 })
  const about = page.getByRole('complementary', { name: /^About a:G2/ })
  const scores = await client.call('pointScores', { study: study.path, place: { electrode: 'G2', subject: 'a' } })
  expect(scores.place).toMatchObject({
    hemisphere: 'left',
    targets: 1,
    label: expect.stringMatching(/^electrode G2 of a, left/),
  })
  expect(await about.innerText()).toContain(scores.rows[0].mean.toFixed(3))
  await choice('Subject').selectOption('b')
  await page.getByText('No pinned electrode is of b').waitFor()
  await choice('Subject').selectOption('a')
  await screenshot(page, 'electrodes-why')
})

test('a page has what was seen: discs, a form between two others, names of regions, the pin', async () => {
  await tab('Cortex').click()
  await page.getByRole('slider', { name: /form/i }).fill('0.4')
  await page.getByLabel('regions', { exact: true }).check()
  await page.getByRole('region', { name: /^loud/ }).getByRole('button', { name: 'Add to figure' }).click()
  await tab('Figures').click()
  const drawn = page.getByRole('group', { name: /^Panel a: loud/ }).locator('svg')
  await drawn.waitFor({ timeout: 60_000 })
  const svg = await drawn.evaluate((one) => one.outerHTML)
  const words = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, word]) => word)
  for (const word of ['DLPFC', '1', 'A']) expect(words).toContain(word)
  // Of the pin: a ring around the disc, and its number's.
  expect(svg.match(/<circle[^>]*fill="none"/g)).toHaveLength(3)
  expect(svg.match(/<circle/g)).toHaveLength(6)
  const png = Buffer.from(/base64,([^"]+)"/.exec(svg)![1], 'base64')
  expect(coloured(readPng(png))).toBeGreaterThan(15)
  await button(/Page, caption, methods/).click()
  await button('Draft caption and methods').click()
  await expect
    .poll(() => page.getByLabel('Caption').inputValue())
    .toMatch(
      /r², mean of 5 folds; electrodes of 2 subjects.*40 % from folded to inflated.*electrodes as discs of 4 mm/s,
    )
  await screenshot(page, 'electrodes-figure')
  await button('Save').click()
  await button('Saved').waitFor()
  const text = await readFile(join(opened.folder, 'study', 'figures', 'Figure 1.figure.yaml'), 'utf8')
  for (const part of ['share: 0.4', 'discs: 4', 'names: true', 'pins:']) expect(text).toContain(part)
  expect(opened.visited.complaints).toEqual([])
})
