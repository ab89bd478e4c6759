/** Why here and Quality as a person uses them: pin, look, hear, compare. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSmallStudy } from '../support/smallStudy.ts'
import { accessible, looks } from './accessible.ts'
import { alreadyRun, openWindow, type Opened } from './opened.ts'
import { jobSays } from './support.ts'

let opened: Opened
let page: Page

beforeAll(async () => {
  opened = await openWindow({ colorScheme: 'light' }, async (folder) => {
    const { path } = await makeSmallStudy(join(folder, 'study'), { layers: ['conv6', 'transf5'] })
    await writeFile(join(folder, 'study', 'words.tsv'), 'onset\tduration\ttext\n1\t2\tonce\n4\t2\tupon\n12\t3\ttime\n')
    const text = (await readFile(path, 'utf8')).replace('audio: run-1.wav,', 'audio: run-1.wav, words: words.tsv,')
    await writeFile(path, text.replace('folds: 4,', 'folds: 4, trim: {start: 1, end: 0},'))
    return alreadyRun(folder, path)
  })
  page = opened.page
})
afterAll(() => opened?.close())

const tab = (name: string) => page.getByRole('tab', { name, exact: true })
/** A word on the time axis. */
const word = (text: string) => times().locator('svg text', { hasText: new RegExp(`^${text}$`) })
const times = () => page.getByRole('application', { name: /^Time courses/ })

test('without a pin it says what to do; with one it shows its time course, scores, moments and words', async () => {
  await tab('Why here').click()
  await page.getByRole('button', { name: 'Pin the highest score' }).click()
  await times().waitFor()
  await word('once').waitFor()
  const panel = page.getByRole('complementary', { name: /^About / })
  await panel.locator('svg [data-layer="transf5"]').first().waitFor({ state: 'attached' })
  expect(await panel.getByRole('row').count()).toBeGreaterThan(3)
  await accessible(page, 'why')
})

test('keys zoom and pan; the sound plays from its parts under the strict policy, and its cursor moves', async () => {
  await times().focus()
  const words = () => word('time').count()
  for (let i = 0; i < 3; i++) await times().press('+')
  await times().press('Home')
  await expect.poll(words).toBe(0)
  await times().press('0')
  await expect.poll(words).toBeGreaterThan(0)
  const clock = page.getByRole('button', { name: /^(▶|❚❚)? ?(Play|Pause)/ }).locator('.clock')
  const seconds = async () => Number.parseFloat(await clock.innerText())
  await times().press(' ')
  await page.getByRole('button', { name: /Pause/ }).waitFor()
  await expect.poll(seconds, { timeout: 10_000 }).toBeGreaterThan(0.3)
  await times().press(' ')
  await page.getByRole('button', { name: /Play/ }).waitFor()
})

test('a moment leads to its time; weights come when they are asked for; two pins stand on one axis', async () => {
  const panel = page.getByRole('complementary', { name: /^About / })
  await panel.getByTitle('Show this moment').last().click()
  await panel.getByText('Weights by unit', { exact: true }).click()
  await panel.getByRole('button', { name: 'Compute the weights' }).click()
  await panel.getByText(/Weight times SD of the regressor/).waitFor()
  await tab('Cortex').click()
  const cortex = page.getByRole('application', { name: /^Cortex/ })
  await cortex.focus()
  await cortex.press('ArrowRight')
  await cortex.press('Enter')
  await tab('Why here').click()
  await expect.poll(() => page.getByRole('group', { name: 'Point' }).getByRole('button').count()).toBe(2)
  await looks(page, 'why-two')
})

test('quality: what was not looked at says so, a job looks, and what is left out has its reason', async () => {
  await tab('Quality').click()
  const view = page.getByRole('region', { name: 'Quality' })
  await view.getByRole('button', { name: 'Look at them' }).click()
  await jobSays(page, /Quality|Done|done|stored/)
  await view.getByText('all looked at').waitFor()
  await view.locator('figcaption', { hasText: 'DVARS' }).waitFor()
  await view.getByText('encoding.trim.start').first().waitFor()
  await view.getByText('tSNR: mean over SD over time (no unit)').waitFor()
  await accessible(page, 'quality')
  expect(opened.visited.complaints).toEqual([])
})
