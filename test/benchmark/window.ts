/**
 * The window, from the store to pixels, in Chromium: how long a large study takes to its first map, how long twelve cortices
 * take to their next layer, what a frame costs; and a pick at 164k vertices.
 *
 *     npm run build && npm run bench -- window [--subjects 400 --models 5 --folder FOLDER --keep] [--niivue FOLDER] [--only PART]
 *
 * The store is simulated (test/support/scoredStudy.ts): 5 models of 19 layers and a space of sound, 400 subjects, 20,484
 * vertices; about 4 GB. `--folder` of an earlier run that was kept is used as it is. `--niivue` names a folder with NiiVue in
 * it (`npm install --prefix FOLDER @niivue/niivue`), which is measured beside. `--only` names a part: picks, open, switches, turns.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { icosphere } from '../../src-main/surfaces/icosphere.ts'
import { layoutPanels, noOrbit } from '../../src-renderer/cortex/camera.ts'
import { buildMesh } from '../../src-renderer/cortex/geometry.ts'
import { pick, preparePicking } from '../../src-renderer/cortex/picking.ts'
import { launchBrowser } from '../e2e/chromium.ts'
import { serve, visit } from '../e2e/support.ts'
import { niivueSwitches } from './niivue/page.ts'
import { makeScoredStudy } from '../support/scoredStudy.ts'

const { values } = parseArgs({
  options: {
    subjects: { type: 'string', default: '400' },
    models: { type: 'string', default: '5' },
    folder: { type: 'string' },
    keep: { type: 'boolean', default: false },
    niivue: { type: 'string' },
    only: { type: 'string' },
  },
})
const wants = (part: 'picks' | 'open' | 'switches' | 'turns') => values.only === undefined || values.only === part
const layers = [
  ...Array.from({ length: 7 }, (_, i) => `conv${i}`),
  ...Array.from({ length: 12 }, (_, i) => `transf${i}`),
]
const print = (row: Record<string, unknown>) => console.log(JSON.stringify({ benchmark: 'window', ...row }))
const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[all.length >> 1]
const rounded = (value: number) => Number(value.toPrecision(3))

/** In the page: milliseconds from a click on the study to the first frame with its map. */
async function firstMap(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const began = performance.now()
        document.querySelector<HTMLButtonElement>('button.entry')!.click()
        const look = () => {
          const titles = [...document.querySelectorAll('svg title')]
          const map = titles.some(({ textContent }) => textContent.startsWith('Colour bar'))
          const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-drawn]')
          if (!map || !canvas) return requestAnimationFrame(look)
          return requestAnimationFrame(() => {
            canvas.getContext('webgl2')?.finish()
            resolve(performance.now() - began)
          })
        }
        look()
      }),
  )
}

/** In the page: milliseconds from the choice of a layer to the frame that shows it in every cell. */
async function switchTo(page: Page, layer: string): Promise<number> {
  return page.evaluate(
    (chosen) =>
      new Promise<number>((resolve) => {
        const canvas = document.querySelector<HTMLCanvasElement>('canvas')!
        const select = document.querySelector<HTMLSelectElement>('select[aria-label="Layer"]')!
        const frame = Number(canvas.dataset['frame'])
        const began = performance.now()
        select.value = chosen
        select.dispatchEvent(new Event('change'))
        const look = () => {
          if (Number(canvas.dataset['frame']) === frame || canvas.dataset['drawn'] !== 'true')
            return requestAnimationFrame(look)
          canvas.getContext('webgl2')?.finish()
          return resolve(performance.now() - began)
        }
        requestAnimationFrame(look)
      }),
    layer,
  )
}

/** Many cells at once while all of them turn: 15 frames of a grid of layers that fills a large window. */
async function measureTurns(browser: Browser, url: string): Promise<void> {
  const { page, close } = await visit(browser, url, { viewport: { width: 2560, height: 1440 } })
  // A host that was given the study opens it by itself.
  if (wants('open')) await page.locator('button.entry').click()
  await page.getByRole('tab', { name: 'Compare' }).click()
  await page.getByRole('combobox', { name: 'Rows' }).selectOption('layer')
  await page.locator('canvas[data-drawn="true"]').waitFor({ timeout: 60_000 })
  await page.waitForTimeout(3000)
  // Once beforehand: what V8 compiles and learns of the code in the first turns is no part of a turn.
  await fifteenTurns(page)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('HeapProfiler.enable')
  await cdp.send('HeapProfiler.collectGarbage')
  const heap = async () => (await cdp.send('Runtime.getHeapUsage')).usedSize
  const before = await heap()
  const times = await fifteenTurns(page)
  const after = await heap()
  const { calls, bytes } = await page.locator('canvas').evaluate((canvas) => ({ ...(canvas as HTMLElement).dataset }))
  print({
    ...{ measured: 'a turn of a grid that fills 2560 x 1440', drawCalls: Number(calls), bytesSent: Number(bytes) },
    ...{ milliseconds: rounded(median(times)), worst: rounded(Math.max(...times)) },
    heapBytesAFrame: rounded((after - before) / times.length),
  })
  await close()
}

/** In the page: milliseconds of each. */
async function fifteenTurns(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const grid = document.querySelector<HTMLElement>('.scroller')!
    const canvas = document.querySelector<HTMLCanvasElement>('canvas')!
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    const all: number[] = []
    for (let i = 0; i < 15; i++) {
      const began = performance.now()
      grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', shiftKey: true, bubbles: true }))
      await frame()
      await frame()
      canvas.getContext('webgl2')?.finish()
      all.push(performance.now() - began)
    }
    return all
  })
}

async function measureWindow(study: string, folder: string): Promise<void> {
  // Of this run alone: what an earlier one looked at last is no part of it.
  const state = mkdtempSync(join(folder, 'state-'))
  const browser = await launchBrowser()
  try {
    for (const [i, when] of ['means not stored yet', 'means stored'].entries()) {
      if (i === 0 && !wants('open')) continue
      const known = i > 0 && wants('open')
      const served = await serve(state, known ? undefined : study)
      const { page, close } = await visit(browser, served.url)
      if (i === 0) {
        // The first visit puts the study on the list; the engine is then started anew.
        await page.locator('canvas[data-drawn]').waitFor({ timeout: 120_000 })
        await close()
        await served.stop()
        const again = await serve(state, undefined)
        const next = await visit(browser, again.url)
        await next.page.locator('button.entry').waitFor()
        print({ measured: 'first map after opening', when, milliseconds: rounded(await firstMap(next.page)) })
        const began = performance.now()
        await next.page.getByRole('table', { name: 'Scores by layer' }).waitFor({ timeout: 300_000 })
        print({
          measured: 'the table of all layers, after the map',
          when,
          milliseconds: rounded(performance.now() - began),
        })
        await next.close()
        await again.stop()
        continue
      }
      if (known) {
        await page.locator('button.entry').waitFor()
        print({ measured: 'first map after opening', when, milliseconds: rounded(await firstMap(page)) })
      }
      await page.getByRole('table', { name: 'Scores by layer' }).waitFor({ timeout: 300_000 })
      if (wants('switches')) await measureSwitches(page, browser)
      await close()
      if (wants('turns')) await measureTurns(browser, served.url)
      await served.stop()
    }
  } finally {
    await browser.close()
  }
}

/** Twelve cells: to layers that nobody has looked at or read ahead, and to the same again. */
async function measureSwitches(page: Page, browser: Browser): Promise<void> {
  await page.getByRole('tab', { name: 'Compare' }).click()
  await page.getByRole('combobox', { name: 'Hemispheres', exact: true }).selectOption('left')
  await page.locator('canvas[data-drawn="true"]').waitFor()
  await page.waitForTimeout(1000)
  const cells = await page.locator('.cell').count()
  const jumps = ['conv1', 'transf9', 'conv4', 'transf11', 'transf0', 'transf7', 'transf3']
  const printTimes = (measured: string, times: readonly number[]) =>
    print({ measured, cells, milliseconds: rounded(median(times)), worst: rounded(Math.max(...times)) })
  const cold: number[] = []
  for (const layer of jumps) {
    cold.push(await switchTo(page, layer))
    await page.waitForTimeout(400)
  }
  printTimes('layer switch from the store', cold)
  if (values.niivue !== undefined) {
    const all = await niivueSwitches(browser, values.niivue, cells, 7)
    const how = 'one hemisphere of a cell’s size, as often as there are cells; values in memory'
    print({ measured: 'NiiVue, the same number of switches', how, cells, milliseconds: rounded(median(all)) })
  }
  const warm: number[] = []
  for (const layer of jumps) {
    warm.push(await switchTo(page, layer))
    await page.waitForTimeout(100)
  }
  printTimes('layer switch to a layer seen before', warm)
  const { calls, bytes } = await page.locator('canvas').evaluate((canvas) => ({ ...(canvas as HTMLElement).dataset }))
  print({ measured: 'a frame after a switch', cells, drawCalls: Number(calls), bytesSent: Number(bytes) })
}

/** A ball of 163,842 vertices a hemisphere, as many as fsaverage has. */
function measurePicking(): void {
  const { points, triangles } = icosphere(7)
  const count = points.length / 3
  const surface = (x: number) => {
    const folded = Float32Array.from(points, (value, i) => {
      const bump = 1 + 0.05 * Math.sin(0.37 * Math.floor(i / 3))
      return (i % 3 === 0 ? x : 0) + [30, 80, 55][i % 3] * value * bump
    })
    return { folded, inflated: folded, triangles, sulc: new Float32Array(count), labels: new Uint16Array(count) }
  }
  const meshes = { left: buildMesh(surface(-40), 'folded'), right: buildMesh(surface(40), 'folded') }
  const began = performance.now()
  preparePicking(meshes.left)
  preparePicking(meshes.right)
  const built = performance.now() - began
  const [width, height] = [900, 600]
  const scene = { meshes, view: 'overview', orbit: noOrbit } as const
  const times: number[] = []
  let hits = 0
  for (let i = 0; i < 4000; i++) {
    const panel = layoutPanels('overview', width, height)[i % 4]
    const x = panel.x + panel.width * (0.2 + 0.6 * ((i * 0.618034) % 1))
    const y = panel.y + panel.height * (0.2 + 0.6 * ((i * 0.414214) % 1))
    const start = performance.now()
    if (pick(x, y, width, height, scene)) hits++
    times.push(performance.now() - start)
  }
  const sorted = times.toSorted((a, b) => a - b)
  print({
    ...{ measured: 'a pick', vertices: count, hits, medianMilliseconds: rounded(median(times)) },
    ...{ percentile99: rounded(sorted[Math.floor(0.99 * sorted.length)]), hierarchyMilliseconds: rounded(built) },
  })
}

if (wants('picks')) measurePicking()
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'heschl-window-'))
const study = join(folder, 'study.yaml')
try {
  if (values.only !== 'picks' && !existsSync(study)) {
    const tell = (done: number, all: number) => process.stderr.write(`\r${done} of ${all} scores written `)
    await makeScoredStudy(folder, {
      ...{ subjects: Number(values.subjects), models: Number(values.models), layers, progress: tell },
    })
    process.stderr.write('\n')
  }
  if (values.only !== 'picks') await measureWindow(study, folder)
} finally {
  if (!values.keep && values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}
