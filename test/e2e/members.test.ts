/** Models of several members in the window: seeds with their spread, a series of checkpoints along its training. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeCheckpoint } from '../../src-main/activations/writeCheckpoint.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'
import { looks } from './accessible.ts'
import { faintWords } from './contrast.ts'
import { alreadyRun, openWindow, type Opened } from './opened.ts'
import { screenshot } from './support.ts'

let opened: Opened
let page: Page

beforeAll(async () => {
  opened = await openWindow({ colorScheme: 'light' }, async (folder) => {
    const study = await makeSmallStudy(join(folder, 'study'), { level: 2 })
    const checkpoints: string[] = []
    for (const [seed, at] of [0, 1000, 400_000].entries()) {
      await writeCheckpoint('wav2vec2-demo', seed, join(study.folder, `weights-${at}`))
      checkpoints.push(`{at: ${at}, checkpoint: weights-${at}}`)
    }
    const text = (await readFile(study.path, 'utf8')).replace(
      /models:[^]*?(?=spaces:)/,
      `models:
  - {id: trained, regime: native, language: english, hours: 600, corpus: nothing real, layers: [conv6, transf5],
     series: {axis: steps, checkpoints: [${checkpoints.join(', ')}]}}
  - {id: draws, regime: untrained, architecture: wav2vec2-demo, seeds: [4, 7], layers: [conv6, transf5]}
`,
    )
    await writeFile(study.path, text)
    return alreadyRun(folder, study.path)
  })
  page = opened.page
})
afterAll(() => opened?.close())

const heading = (words: string) => page.getByRole('heading', { level: 2, name: words, exact: true })
const tab = (name: string) => page.getByRole('tab', { name, exact: true })

test('a model tells how it was trained, and which of its checkpoints is looked at', async () => {
  await heading('trained, transf5').waitFor()
  await page.getByText('native, english, 600 hours, nothing real', { exact: false }).waitFor()
  await page.getByText('after 400,000 steps', { exact: true }).waitFor()
  expect(await page.getByLabel('Checkpoint').locator('option').allInnerTexts()).toEqual([
    'the last, 400,000 steps',
    '0 steps',
    '1,000 steps',
    '400,000 steps',
  ])
})

test('scores along the training are a chart and a table, whose checkpoints lead to their maps', async () => {
  await tab('Training').click()
  const panel = page.getByRole('tabpanel', { name: 'Training' })
  expect(await panel.locator('svg [data-model]').count()).toBe(3)
  expect(await panel.locator('tbody tr').count()).toBe(3)
  await panel.getByRole('button', { name: '1,000 steps' }).click()
  await heading('trained, 1,000 steps, transf5').waitFor()
  expect(await page.getByLabel('Checkpoint').inputValue()).toBe('trained@1000')
  await panel.locator('svg [data-model="trained@0"]').click()
  await heading('trained, 0 steps, transf5').waitFor()
  const place = () => panel.locator('svg [data-model="trained@1000"] circle').first().getAttribute('cx')
  const logarithmic = Number(await place())
  await panel.getByText('linear', { exact: true }).click()
  await expect.poll(async () => Number(await place())).toBeLessThan(logarithmic)
  await looks(page, 'training')
  expect(await page.evaluate(faintWords)).toEqual([])
})

test('seeds have their mean with its spread, and each its own map and scores', async () => {
  await page.getByLabel('Seed').selectOption({ label: 'mean of 2 seeds' })
  await page.getByRole('list', { name: 'Layers of draws' }).getByRole('button', { name: 'conv6' }).click()
  await page.getByText('mean of 2 seeds', { exact: true }).last().waitFor()
  await tab('Layers').click()
  const layers = page.getByRole('tabpanel', { name: 'Layers' })
  const row = layers.locator('tbody tr', { hasText: 'draws' }).first()
  const [, , mean, , spread] = await row.locator('td').allInnerTexts()
  await page.getByLabel('Seed').selectOption({ label: 'seed 7' })
  await heading('draws, seed 7, conv6').waitFor()
  await tab('Regions').click()
  await page.getByText('Mean r per region: draws, seed 7', { exact: false }).waitFor()
  expect(Number(mean)).toBeGreaterThan(-1)
  expect(Number(spread)).toBeGreaterThan(0)
  await screenshot(page, 'seeds')
})

test('nothing was complained of', () => {
  expect(opened.visited.complaints).toEqual([])
})
