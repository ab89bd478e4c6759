/** A user's day: a folder becomes a study, is run, looked at, exported, closed and opened again. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDataSet } from '../support/dataSet.ts'
import { accessible, inBothThemes, looks } from './accessible.ts'
import { violations } from './axe.ts'
import { looksAs } from './baselines.ts'
import { openWindow, type Opened } from './opened.ts'
import { jobSays, screenshot } from './support.ts'

let opened: Opened
let data: string
let page: Page

beforeAll(async () => {
  opened = await openWindow({ colorScheme: 'light' }, async (folder) => {
    data = await makeDataSet(join(folder, 'data'))
    return undefined
  })
  page = opened.page
})
afterAll(() => opened?.close())

const button = (name: string | RegExp, on = page) => on.getByRole('button', { name, exact: typeof name === 'string' })
const study = () => join(data, 'derivatives', 'heschl', 'study.yaml')

test('a folder is looked through, corrected and estimated before anything is written', async () => {
  await page.getByText('No study has been opened on this machine yet.').waitFor()
  await accessible(page, 'work-home')
  await page.evaluate(() => {
    const dropped = new DataTransfer()
    dropped.items.add(new File([], 'ds003643'))
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, cancelable: true }))
  })
  await page.getByText('A browser does not tell where “ds003643” lies').waitFor()
  expect(await page.getByLabel("The data set's folder").inputValue()).toBe('ds003643')
  await button('← Back').click()
  await button('New study…').click()
  await page.getByLabel("The data set's folder").fill('')
  await looks(page, 'new-study-begin')
  await page.getByLabel("The data set's folder").fill(join(data, 'stimuli'))
  await button('Look through it').click()
  await page.getByText('This folder is not laid out as any data set').waitFor()
  await looks(page, 'new-study-unknown')
  await page.getByLabel("The data set's folder").fill(data)
  await button('Look through it').click()
  await page.getByText('3 subjects, 6 runs, 2 stimuli, surface fsaverage5, TR 2 s, confounds of 6 runs').waitFor()

  // fsaverage5 is not installed here, and these recordings are of a smaller sphere.
  await page.getByLabel('Training regime of w2v').fill('untrained')
  await button(/to correct/).click()
  await page
    .getByLabel('Problems')
    .getByText(/fsaverage5/)
    .first()
    .waitFor()
  await page.getByLabel('Surface', { exact: true }).fill(join(data, 'surface'))
  await page.getByLabel('Name of the study').fill('Sounds of a day')
  await page.getByLabel('Use sub-03').uncheck()
  await page.getByLabel('Language of all of it').fill('none')
  await button('Set').click()
  await page.getByText('2 subjects, 4 runs').waitFor()
  await expect.poll(() => page.getByLabel('Estimate and study file').innerText()).toMatch(/about [\d.]+ s/)
  await page
    .getByText(/not preprocessed|pickled/)
    .first()
    .waitFor({ state: 'attached' })
  await accessible(page, 'work-new-study')
  // Sound alone is enough for what follows, and quick.
  await button('Remove w2v').click()
  await expect.poll(() => page.getByLabel('Estimate and study file').innerText()).toMatch(/Steps\s+5\b/)
  await button('Study file').click()
  expect(await page.getByRole('group', { name: 'Study file' }).innerText()).toContain('name: Sounds of a day')
  await expect(readFile(study())).rejects.toThrow(/ENOENT/)
})

test('it is written, run, looked at and exported', async () => {
  await button('Write and run').click()
  await page.getByRole('heading', { name: /transf|mel/ }).waitFor()
  expect(await readFile(study(), 'utf8')).toContain('id: sub-02')
  expect(await readFile(study(), 'utf8')).not.toContain('id: sub-03')
  await page.getByRole('button', { name: /^Jobs/ }).click()
  await page.getByRole('row', { name: /Sounds of a day Run/ }).waitFor()
  await jobSays(page, /Done in/)
  await button('Log of Sounds of a day').click()
  const lines = page.getByRole('list', { name: 'Lines' })
  await expect
    .poll(() => lines.innerText())
    .toMatch(/began[\s\S]*steps, 0 of them stored before[\s\S]*Fit of[\s\S]*Done in/)
  await page.getByText('mean of 2 subjects').first().waitFor()
  await page.locator('canvas[data-drawn]').first().waitFor()
  const tabs = page.getByRole('tablist', { name: 'Views' }).getByRole('tab')
  for (let i = (await tabs.count()) - 1; i >= 0; i--) {
    await tabs.nth(i).click()
    const name = await tabs.nth(i).innerText()
    await page.getByRole('tabpanel', { name }).waitFor()
    await page.waitForTimeout(500) // a view is loaded when it is first shown
    await accessible(page, `work-view-${name.toLowerCase().replace(/\W+/g, '-')}`)
  }
  await button('Export').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Cortex as SVG' }).click()
  const svg = await readFile(await (await download).path(), 'utf8')
  expect(svg).toContain('Sounds of a day')
  expect(opened.visited.complaints).toEqual([])
})

test('what is compared and what was heard go on a page, which is exported', async () => {
  await page.getByRole('tab', { name: 'Compare' }).click()
  await page.getByRole('application', { name: /^Grid/ }).waitFor()
  await expect.poll(() => button('Add to figure: the grid').isEnabled()).toBe(true)
  await button('Add to figure: the grid').click()
  await page.getByRole('tab', { name: 'Why here' }).click()
  await button('Pin the highest score').click()
  await page.getByRole('application', { name: /^Time courses/ }).waitFor()
  await button('Add to figure: time courses').click()
  await button('Add to figure: score by layer').click()
  await page.getByRole('tab', { name: 'Figures' }).click()
  for (const name of [/^Panel a: compare/, /^Panel b: Measured and predicted/, /^Panel c: Score by layer/])
    await page.getByRole('group', { name }).locator('svg').first().waitFor()
  await button('Save').click()
  await button('Saved').waitFor()
  await button('Export figure').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /^PDF/ }).click()
  const pdf = await readFile(await (await download).path())
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  await looks(page, 'figures-filled')
  await page.getByRole('tab', { name: 'Cortex' }).click()
  expect(opened.visited.complaints).toEqual([])
})

test('view changes are undone and done again; layouts are saved by name', async () => {
  await inBothThemes(page, async (theme) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Command/ }).waitFor()
    await looksAs(page, `palette-${theme}`)
    await page.keyboard.press('Escape')
  })
  const shown = page.getByRole('region', { name: 'mel, mel' })
  await shown.getByText('mean of 2 subjects').first().waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /Command/ }).fill('subject sub-01')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await shown.getByText('sub-01', { exact: true }).waitFor()
  await page.keyboard.press('Control+z')
  await shown.getByText('mean of 2 subjects').first().waitFor()
  await page.keyboard.press('Control+Shift+z')
  await shown.getByText('sub-01', { exact: true }).waitFor()
  await page.keyboard.press('Control+z')

  const handle = page.getByRole('separator', { name: "Width of the study's side bar" })
  await handle.focus()
  for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowRight')
  expect(await handle.getAttribute('aria-valuenow')).toBe('320')
  await button('Layout').click()
  await page.getByLabel('Name for the present layout').fill('wide')
  await page.keyboard.press('Enter')
  await button('wide').waitFor()
  await looksAs(page, 'layout-menu')
  await button('Reset the layout').click()
  await expect.poll(() => handle.getAttribute('aria-valuenow')).toBe('256')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /Command/ }).fill('layout wide')
  await page.keyboard.press('Enter')
  await expect.poll(() => handle.getAttribute('aria-valuenow')).toBe('320')
})

test('another window shares the engine: the first sees its jobs, which go on when it is closed', async () => {
  const twin = join(data, 'derivatives', 'twin')
  await mkdir(twin)
  await writeFile(join(twin, 'study.yaml'), (await readFile(study(), 'utf8')).replace('Sounds of a day', 'The twin'))
  const opened = page.context().waitForEvent('page')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /Command/ }).fill('new window on this study')
  await page.keyboard.press('Enter')
  const other = await opened
  await other.getByRole('heading', { level: 2, name: /, / }).waitFor()
  expect(other.url()).toContain(`study=${encodeURIComponent(study())}`)
  expect(other.url()).not.toContain('token')
  await other.goto(`${other.url().replace(/\?.*/, '')}?study=${encodeURIComponent(join(twin, 'study.yaml'))}`)
  await other.getByText('This layer is not computed yet: press Run.').waitFor()
  await button('Run', other).click()
  await page.getByRole('row', { name: /The twin|twin Run/ }).waitFor()
  // The window goes; what it started does not.
  await other.close()
  const row = page.getByRole('row', { name: /Run/ }).filter({ hasText: /twin/i })
  await expect.poll(() => row.innerText(), { timeout: 60_000 }).toMatch(/done/)
})

test('closed and started again, everything is there: the study, its scores, the jobs with their logs, the layout', async () => {
  await opened.again()
  page = opened.page
  await button(/Sounds of a day/)
    .first()
    .click()
  await page.getByText('mean of 2 subjects').first().waitFor()
  await jobSays(page, /Done in/)
  const handle = page.getByRole('separator', { name: "Width of the study's side bar" })
  expect(await handle.getAttribute('aria-valuenow')).toBe('320')
  await button('Log of Sounds of a day').click()
  await expect.poll(() => page.getByRole('list', { name: 'Lines' }).innerText()).toMatch(/Fit of[\s\S]*Done in/)
  await page.getByRole('tab', { name: 'Figures' }).click()
  await page
    .getByRole('group', { name: /^Panel b: Measured and predicted/ })
    .locator('svg')
    .waitFor()
  await button('Saved').waitFor()
  expect(await page.getByText('This figure is no longer what was saved').count()).toBe(0)
  await page.getByRole('tab', { name: 'Cortex' }).click()
  for (const [name, width, height, scale] of [
    ['work-125', 1024, 640, 1.25],
    ['work-200', 640, 400, 2],
    ['work-2560', 2560, 1440, 1],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const view of ['Compare', 'Why here', 'Quality', 'Figures', 'Cortex']) {
      await page.getByRole('tab', { name: view, exact: true }).click()
      await page.waitForTimeout(300)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect([name, view, overflow <= 0, scale]).toEqual([name, view, true, scale])
    }
    await screenshot(page, name)
  }
  await button('Clear finished').click()
  await page.getByText('No job yet.').waitFor()
  expect(opened.visited.complaints).toEqual([])
})
