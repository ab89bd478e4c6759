/** The grid of cortices as a user meets it; part of window.test.ts, whose study and page it shares. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { looks } from './accessible.ts'
import { connect } from './client.ts'
import { faintWords } from './contrast.ts'
import { difference, drawnShare, readPng } from './image.ts'
import { screenshot, type Served, type Visit } from './support.ts'

interface Shared {
  readonly page: Page
  readonly visited: Visit
  readonly served: Served
}

/** @param shared what window.test.ts has set up, asked for when a test runs */
export function compareTests(shared: () => Shared): void {
  const grid = () => shared().page.getByRole('application', { name: /^Grid/ })
  const choice = (name: string) => shared().page.getByRole('combobox', { name, exact: true })
  const drawing = () => shared().page.locator('canvas[data-drawn="true"]')

  async function picture() {
    const { page } = shared()
    await page.mouse.move(2, 2)
    await drawing().waitFor()
    await page.waitForTimeout(300)
    return readPng(await page.locator('canvas').screenshot())
  }

  test('a row a model, each cell with its map; the pointer reads the same vertex in every row', async () => {
    const { page, served, visited } = shared()
    await page.getByRole('tab', { name: 'Compare' }).click()
    await grid().waitFor()
    expect(drawnShare(await picture())).toBeGreaterThan(0.05)
    const box = (await page.locator('canvas').boundingBox())!
    // The first cell's middle: the lateral view of the left hemisphere.
    await page.mouse.move(box.x + box.width / 8, box.y + 60)
    const words = /left hemisphere, vertex (\d+), (front|back)/
    await expect.poll(() => page.getByText(words).innerText()).toMatch(words)
    const vertex = Number(words.exec(await page.getByText(words).innerText())![1])
    await screenshot(page, 'compare-light')
    const client = await connect(served.url)
    const [{ path }] = await client.call('recentStudies', {})
    const layer = await choice('Layer').inputValue()
    const values: string[] = await page.locator('.title .value').allInnerTexts()
    expect(values).toHaveLength(3)
    for (const [i, model] of ['w2v-1', 'w2v-2'].entries()) {
      const map = await client.call('scoreMap', { study: path, subject: 'mean', model, layer })
      expect(Number(values[i].replace('−', '-'))).toBeCloseTo(map.left[vertex], 3)
    }
    client.close()
    expect(visited.complaints).toEqual([])
  })

  test('one draw call a cell, and none more while nothing moves; another scale sends no map again', async () => {
    const { page } = shared()
    const canvas = page.locator('canvas')
    const at = async (name: string) => Number(await canvas.getAttribute(`data-${name}`))
    await picture()
    const before = await at('frame')
    await page.getByLabel('regions', { exact: true }).check()
    await expect.poll(() => at('frame')).toBeGreaterThan(before)
    // Three rows of four views: twelve cells of a hemisphere each, whose views are drawn already.
    expect([await at('calls'), await at('bytes')]).toEqual([12, 0])
    await page.waitForTimeout(300)
    const still = await at('frame')
    await page.waitForTimeout(500)
    expect(await at('frame')).toBe(still)
    await page.getByLabel('regions', { exact: true }).uncheck()
  })

  test('differences, thresholds and single cells say what they show', async () => {
    const { page, visited } = shared()
    const scores = await picture()
    await choice('Threshold').selectOption('fdr')
    await page.getByText(/false discovery rate 5 %.*one-sample t test \(one-sided, greater, n = 2/s).waitFor()
    await choice('Show').selectOption('difference')
    await page.getByText(/Difference of Pearson r, mean of 2 subjects/).waitFor()
    await page.getByText('compared with itself').first().waitFor()
    expect(difference(scores, await picture()).mean).toBeGreaterThan(0.5)
    await page.getByLabel(/^What w2v-1, left, lateral shows/).selectOption('preferred')
    await page.getByText('Layer with the largest mean Pearson r', { exact: false }).waitFor()
    await looks(page, 'compare-difference')
    expect(await page.evaluate(faintWords)).toEqual([])
    await choice('Show').selectOption('score')
    await choice('Threshold').selectOption('value')
    await expect.poll(async () => difference(scores, await picture()).mean).toBeLessThan(0.05)
    expect(visited.complaints).toEqual([])
  })

  test('dragging one cell turns all, until they are unlinked; the keyboard steps, pins and turns', async () => {
    const { page, visited } = shared()
    const before = await picture()
    const box = (await page.locator('canvas').boundingBox())!
    const drag = async () => {
      await page.mouse.move(box.x + 60, box.y + 60)
      await page.mouse.down()
      await page.mouse.move(box.x + 100, box.y + 70, { steps: 4 })
      await page.mouse.up()
    }
    /** Of the second row, which was not dragged. */
    const other = async () => {
      const { height } = await picture()
      const clip = { x: box.x, y: box.y + height / 3, width: box.width, height: height / 4 }
      return readPng(await page.screenshot({ clip }))
    }
    const start = await other()
    await drag()
    expect(difference(start, await other()).mean).toBeGreaterThan(0.5)
    await page.getByRole('button', { name: 'Reset view' }).click()
    await expect.poll(async () => difference(before, await picture()).mean).toBeLessThan(0.05)
    await page.getByLabel('linked').uncheck()
    await drag()
    expect(difference(start, await other()).mean).toBeLessThan(0.05)
    expect(difference(before, await picture()).mean).toBeGreaterThan(0.05)
    await page.getByLabel('linked').check()
    await page.getByRole('button', { name: 'Reset view' }).click()
    await grid().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('p')
    await page.getByRole('table', { name: 'Values at the pinned points' }).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByRole('tab', { name: 'Cortex' }).click()
    await page.getByRole('button', { name: 'Ruler', exact: true }).click()
    await page.getByText(/\d+\.\d mm/).waitFor()
    await page.getByRole('button', { name: 'Ruler', exact: true }).click()
    await page.getByRole('button', { name: 'Unpin all' }).click()
    expect(visited.complaints).toEqual([])
  })
}
