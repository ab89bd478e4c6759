/** The main job in the window, as a user does it: the real command line, engine, store and browser. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inBothThemes, looks } from './accessible.ts'
import { looksAs } from './baselines.ts'
import { launchBrowser } from './chromium.ts'
import { connect } from './client.ts'
import { compareTests } from './compareTests.ts'
import { faintWords } from './contrast.ts'
import { difference, drawnShare, readPng, reduce } from './image.ts'
import { artifacts } from './paths.ts'
import {
  childrenOf,
  jobSays,
  removeFolder,
  runsInlineScript,
  screenshot,
  serve,
  temporaryFolder,
  visit,
} from './support.ts'
import type { Served, Visit } from './support.ts'
import { layers, makeStudy } from './study.ts'
import { looksTests } from './looksTests.ts'

let folder: string
let study: string
let served: Served
let browser: Browser
let visited: Visit
let page: Page

beforeAll(async () => {
  folder = await temporaryFolder()
  study = await makeStudy(join(folder, 'study'))
  served = await serve(join(folder, 'state'), study)
  browser = await launchBrowser()
  visited = await visit(browser, served.url, { colorScheme: 'light' })
  page = visited.page
})

afterAll(async () => {
  await browser?.close()
  await served?.stop()
  if (folder) await removeFolder(folder)
})

const button = (name: string | RegExp, on = page) => on.getByRole('button', { name, exact: typeof name === 'string' })
const layerButton = (model: string, layer: string, on = page) =>
  on.getByRole('list', { name: `Layers of ${model}` }).getByRole('button', { name: layer })
const cortex = (on = page) => on.getByRole('application', { name: /^Cortex/ })
const readout = (on = page) => on.locator('#cortex-readout')
const canvas = (on = page) => on.locator('canvas')

/** The canvas as it is on screen, with the panels' names over it. */
async function drawn(on = page) {
  await on.mouse.move(2, 2)
  return readPng(await canvas(on).screenshot())
}

describe('a study from the command line', () => {
  test('opens, says that its listeners are simulated, and shows what it names', async () => {
    await page.getByText('A small synthetic study').first().waitFor()
    await page
      .getByText(/simulated/i)
      .first()
      .waitFor()
    for (const name of ['w2v-1', 'w2v-2', 'mel', 'sub-01', 'sub-02', 'run-1', 'run-2']) {
      expect(await page.getByText(name, { exact: true }).first().isVisible()).toBe(true)
    }
    expect(page.url()).not.toContain('token')
    await page.getByText('This layer is not computed yet: press Run.').waitFor()
    await looks(page, 'study-before-run')
    expect(visited.complaints).toEqual([])
  })

  test('runs with progress, stops when asked, and resumes with what is stored', async () => {
    await button('Run').click()
    const progress = page.getByRole('progressbar')
    await progress.waitFor()
    await jobSays(page, /step ([3-9]|1\d) of 25/)
    const bar = await page.getByLabel('Job', { exact: true }).innerText()
    expect(bar).toMatch(/\d+ %/)
    expect(bar).toMatch(/ left/)
    expect(bar).toMatch(/[MG]B memory/)
    expect(Number(await progress.getAttribute('aria-valuenow'))).toBeGreaterThan(0)
    await screenshot(page, 'study-running')
    await button('Cancel').click()
    await jobSays(page, /Stopped at \d+ %; what was finished is stored/)
    await button('Resume').click()
    await jobSays(page, /Done in .*; 25 steps, (?!0 )\d+ of them stored before/)
    expect(visited.complaints).toEqual([])
  })

  test('a layer and a subject are chosen, and the cortex shows them', async () => {
    await cortex().waitFor()
    await layerButton('w2v-1', 'transf4').click()
    await page.getByRole('heading', { name: 'w2v-1, transf4' }).waitFor()
    await page.getByText('mean of 2 subjects').first().waitFor()
    const mean = await settled()
    expect(drawnShare(mean)).toBeGreaterThan(0.05)
    await button(/^sub-01/).click()
    await expect.poll(async () => difference(mean, await drawn()).mean).toBeGreaterThan(0.5)
    const one = await settled()
    await layerButton('w2v-2', 'conv4').click()
    await page.getByRole('heading', { name: 'w2v-2, conv4' }).waitFor()
    await expect.poll(async () => difference(one, await drawn()).mean).toBeGreaterThan(0.5)
    await looks(page, 'study')
    expect(visited.complaints).toEqual([])
  })

  test('views and forms redraw', async () => {
    const before = await settled()
    for (const name of ['folded', 'lateral', 'medial', 'dorsal', 'ventral']) {
      await page.getByRole('radio', { name }).or(button(name)).first().click()
      const now = await settled()
      expect([name, difference(before, now).mean > 0.5]).toEqual([name, true])
    }
    await page.getByRole('radio', { name: 'inflated' }).or(button('inflated')).first().click()
    await page.getByRole('radio', { name: 'overview' }).or(button('overview')).first().click()
    await expect.poll(async () => difference(before, await drawn()).mean).toBeLessThan(0.05)
  })

  test('what hovers is what is stored', async () => {
    const client = await connect(served.url)
    const path = (await client.call('recentStudies', {}))[0].path
    const map = await client.call('scoreMap', { study: path, subject: 'sub-01', model: 'w2v-2', layer: 'conv4' })
    const box = (await canvas().boundingBox())!
    let read = 0
    for (const [fx, fy] of [
      [0.25, 0.25],
      [0.75, 0.3],
      [0.27, 0.72],
      [0.72, 0.7],
    ] as const) {
      await page.mouse.move(box.x + fx * box.width, box.y + fy * box.height)
      await page.waitForTimeout(100)
      const found = /(left|right) hemisphere\s+vertex (\d+)\s+(front|back)\s+([−\d.e]+)/.exec(
        await readout().innerText(),
      )
      if (!found) continue
      const value = map[found[1] as 'left' | 'right'][Number(found[2])]
      expect(Number(found[4].replace('−', '-'))).toBeCloseTo(value, 3)
      read++
    }
    expect(read).toBeGreaterThanOrEqual(2)
    await screenshot(page, 'study-hover')
    await page.mouse.move(2, 2)
    client.close()
  })

  test('limits, colour map and threshold change the picture and the colour bar', async () => {
    const before = await settled()
    await page.getByLabel('Colours').selectOption({ index: 1 })
    await expect.poll(async () => difference(before, await drawn()).mean).toBeGreaterThan(0.5)
    const mapped = await settled()
    const threshold = page.getByRole('checkbox', { name: 'Threshold' })
    await expect(threshold.isChecked()).resolves.toBe(true)
    await threshold.uncheck()
    await expect.poll(async () => difference(mapped, await drawn()).mean).toBeGreaterThan(0.2)
    await threshold.check()
    await expect.poll(async () => difference(mapped, await drawn()).mean).toBeLessThan(0.05)
    await page.getByLabel('High limit').fill('0.9')
    await page.getByLabel('High limit').press('Enter')
    await expect.poll(async () => difference(mapped, await drawn()).mean).toBeGreaterThan(0.5)
    await page.getByRole('checkbox', { name: 'automatic' }).check()
    await page.getByLabel('Colours').selectOption({ index: 0 })
    await expect.poll(async () => difference(before, await drawn()).mean).toBeLessThan(0.05)
  })

  test('an exported figure is the picture on the screen', async () => {
    const screen = await settled()
    const svg = (await exported('Cortex as SVG', 'cortex.svg')).toString('utf8')
    expect(svg).toContain('w2v-2, conv4')
    expect(svg).toMatch(/simulated/i)
    expect(svg).toContain('A small synthetic study')
    const { x, y, width, height } = imagePlace(svg)
    const png = readPng(await exported('Cortex as PNG', 'cortex.png'))
    const scale = png.width / Number(/<svg[^>]*\swidth="([\d.]+)"/.exec(svg)![1])
    expect(scale).toBe(2)
    await writeFile(join(artifacts, 'cortex-screen.png'), await canvas().screenshot())
    const figure = reduce(png, x * scale, y * scale, width * scale, height * scale, scale)
    // Two renderers (WebGL with multisampling, software with supersampling) and words in another place: edges differ.
    const { mean, share } = difference(screen, figure)
    expect(mean).toBeLessThan(2)
    expect(share).toBeLessThan(0.02)
    expect(drawnShare(figure)).toBeGreaterThan(0.05)
    expect((await exported('Score by layer as SVG', 'layers.svg')).toString('utf8')).toMatch(
      /transf7[\s\S]*simulated|simulated[\s\S]*transf7/i,
    )
    expect(readPng(await exported('Score by layer as PNG', 'layers.png')).width).toBeGreaterThan(1000)
    await inBothThemes(page, async (theme) => {
      await button('Export').click()
      await page.getByRole('menuitem').first().waitFor()
      await looksAs(page, `export-menu-${theme}`)
      await page.keyboard.press('Escape')
    })
    expect(visited.complaints).toEqual([])
  })

  test('dark and light, at two sizes, kept over a reload', async () => {
    const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset['theme'])
    expect(await theme()).toBe('light')
    await button('Dark theme').click()
    expect(await theme()).toBe('dark')
    await screenshot(page, 'study-dark')
    await page.reload()
    await page.getByText('A small synthetic study').first().waitFor()
    expect(await theme()).toBe('dark')
    await page.setViewportSize({ width: 2560, height: 1440 })
    await settled()
    await screenshot(page, 'study-dark-2560')
    await button('Light theme').click()
    await screenshot(page, 'study-light-2560')
    await page.setViewportSize({ width: 1280, height: 800 })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    expect(visited.complaints).toEqual([])
  })

  test('every word stands out from what is behind it, in both themes, hovered or not', async () => {
    for (const other of ['Dark theme', 'Light theme']) {
      expect([other, await page.evaluate(faintWords)]).toEqual([other, []])
      for (const hovered of [button('Run'), button('Export'), layerButton('w2v-1', 'conv4')]) {
        await hovered.hover()
        await page.waitForTimeout(300) // a transition may be under way
        expect([other, await page.evaluate(faintWords)]).toEqual([other, []])
      }
      await button(other).click()
    }
  })

  test('the table of layers and the regions have numbers', async () => {
    const rows = page.getByRole('table', { name: 'Scores by layer' }).getByRole('row')
    expect(await rows.count()).toBe(1 + 2 * layers.length + 1)
    await page.getByRole('tab', { name: 'Regions' }).click()
    const table = page.getByRole('table', { name: /Mean r per region/ })
    expect(await table.innerText()).toMatch(/front[\s\S]*back/)
    await page.getByRole('tab', { name: 'Layers' }).click()
  })
})

describe('pictures of views', () => {
  looksTests(() => page)
})

describe('a grid of cortices', () => {
  compareTests(() => ({ page, visited, served }))
})

describe('the keyboard alone', () => {
  test('reaches everything, shows where it is, reads the cortex and exports', async () => {
    const alone = await visit(browser, served.url, { colorScheme: 'dark' })
    const own = alone.page
    await own.getByText('mean of 2 subjects').first().waitFor()
    const reached = new Set<string>()
    for (let step = 0; step < 120; step++) {
      await own.keyboard.press('Tab')
      const focus = await own.evaluate(() => {
        const element = document.activeElement
        if (!(element instanceof HTMLElement) || element === document.body) return null
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
        return {
          name: element.getAttribute('aria-label') ?? element.textContent.trim().replace(/\s+/g, ' '),
          seen: (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none',
        }
      })
      if (focus === null) break
      expect([focus.name, focus.seen]).toEqual([focus.name, true])
      reached.add(focus.name)
    }
    const names = [...reached].join('\n')
    for (const name of [
      'Studies',
      'Export',
      'theme',
      'Mean of subjects',
      'sub-02',
      'transf7',
      'Cortex, both',
      'Reset view',
      'Run',
    ]) {
      expect(names).toContain(name)
    }

    await layerButton('w2v-1', 'transf7', own).focus()
    await own.keyboard.press('Enter')
    await own.getByRole('heading', { name: 'w2v-1, transf7' }).waitFor()
    await cortex(own).focus()
    await own.keyboard.press('ArrowRight')
    await expect.poll(() => readout(own).innerText()).toMatch(/hemisphere\s+vertex \d+\s+(front|back)/)
    const first = await readout(own).innerText()
    await own.keyboard.press('ArrowRight')
    await expect.poll(() => readout(own).innerText()).not.toBe(first)
    const picture = readPng(await canvas(own).screenshot())
    await own.keyboard.press('f')
    await own.keyboard.press('2')
    await expect
      .poll(async () => difference(picture, readPng(await canvas(own).screenshot())).mean)
      .toBeGreaterThan(0.5)
    await screenshot(own, 'study-keyboard')

    await button('Export', own).focus()
    await own.keyboard.press('Enter')
    await own.getByRole('menuitem').first().waitFor()
    const download = own.waitForEvent('download')
    await own.keyboard.press('Enter')
    expect((await download).suggestedFilename()).toMatch(/transf7.*\.svg$/)
    expect(alone.complaints).toEqual([])
    await alone.close()
  })
})

describe('without WebGL', () => {
  test('the cortex is drawn in software, and says so', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const own = await context.newPage()
    await own.addInitScript(() => {
      const before = HTMLCanvasElement.prototype.getContext
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
        return /webgl/.test(kind) ? null : (before as (...given: unknown[]) => unknown).call(this, kind, ...rest)
      } as typeof before
    })
    await own.goto(served.url)
    await own.getByText('No WebGL here: drawn in software').waitFor()
    await own.getByText('mean of 2 subjects').first().waitFor()
    await expect.poll(async () => drawnShare(readPng(await canvas(own).screenshot()))).toBeGreaterThan(0.05)
    await looks(own, 'study-software')
    await context.close()
  })
})

describe('when things go wrong', () => {
  test.skipIf(process.platform === 'win32')(
    `the engine is killed in the middle of a run: the window says so, resumes, and the scores are the same to the bit${process.platform === 'win32' ? ' (skipped: process tables are read on Linux and macOS only)' : ''}`,
    async () => {
      const twin = await makeStudy(join(folder, 'twin'))
      await button('← Studies').click()
      await page.getByLabel('Path of a study file').fill(twin)
      await button('Open').click()
      await page.getByText('This layer is not computed yet: press Run.').waitFor()
      const client = await connect(served.url)
      const [engine, ...others] = childrenOf(served.process.pid!)
      expect(others).toEqual([])
      // As soon as it is told of: by the time a busy page has shown a step, the run could be over.
      const killed = client
        .job(({ study: of, state, stepsDone }) => of === twin && state === 'running' && stepsDone >= 3)
        .then(() => process.kill(engine, 'SIGKILL'))
      await button('Run').click()
      await killed
      await jobSays(page, /Failed: The engine process ended/)
      await screenshot(page, 'engine-killed')
      await button('Resume').click()
      await page.getByText('The engine has stopped').waitFor({ state: 'detached' })
      await jobSays(page, /Done in .*; 25 steps, (?!0 )\d+ of them stored before/, 200_000)
      expect(childrenOf(served.process.pid!)).not.toContain(engine)

      for (const [model, layer] of [
        ['w2v-1', 'transf4'],
        ['w2v-2', 'transf7'],
        ['mel', 'mel'],
      ] as const) {
        for (const subject of ['sub-01', 'mean']) {
          const [one, two] = [
            await client.call('scoreMap', { study, subject, model, layer }),
            await client.call('scoreMap', { study: twin, subject, model, layer }),
          ]
          expect(two.left).toEqual(one.left)
          expect(two.right).toEqual(one.right)
          expect(one.left.some((value) => value !== 0)).toBe(true)
        }
      }
      client.close()
      expect(visited.complaints).toEqual([])
    },
  )

  test('a study that is not there, and one with a misspelt key, are told in words', async () => {
    await button('← Studies').click()
    await page.getByLabel('Path of a study file').fill(join(folder, 'nowhere', 'study.yaml'))
    await button('Open').click()
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/FILE_MISSING/)
    expect(await page.getByRole('alert').innerText()).toContain(join(folder, 'nowhere', 'study.yaml'))
    await looks(page, 'home-error')
    await page.getByRole('button', { name: 'Dismiss this message' }).click()
    expect(await page.getByRole('alert').count()).toBe(0)

    const misspelt = join(folder, 'study', 'misspelt.yaml')
    await writeFile(misspelt, (await readFile(study, 'utf8')).replace('    recordings:', '    recordngs:'))
    await page.getByLabel('Path of a study file').fill(misspelt)
    await button('Open').click()
    const told = page.locator('body')
    await expect.poll(() => told.innerText()).toMatch(/recordngs/)
    expect(await told.innerText()).toMatch(/did you mean .?recordings/i)
    const line = (await readFile(misspelt, 'utf8')).split('\n').findIndex((text) => text.includes('recordngs')) + 1
    expect(await told.innerText()).toContain(`line ${line}`)
    await looks(page, 'study-misspelt')
    expect(visited.complaints).toEqual([])
  })

  test('a study whose recording is gone says why nothing runs, and is read again once it is corrected', async () => {
    const gap = join(folder, 'study', 'gap.yaml')
    const whole = (await readFile(study, 'utf8')).replace('A small synthetic study', 'A study with a gap')
    await writeFile(gap, whole.replace('sub-01_run-1.npy', 'gone.npy'))
    await page.getByLabel('Path of a study file').fill(gap)
    await button('Open').click()
    await page.getByText('Nothing can run: correct the error in the study file').waitFor()
    expect(await button('Run').isDisabled()).toBe(true)
    await page.getByText('correct the study file first').first().waitFor()
    await looks(page, 'study-error')
    for (const [tab, end] of Object.entries({ Compare: 'computed', 'Why here': 'of this layer', Cortex: 'computed' })) {
      await page.getByRole('tab', { name: tab, exact: true }).click()
      await page.getByText(`${end} yet: correct the study file first`).first().waitFor()
    }
    await writeFile(gap, whole)
    await button('Read it again').click()
    await expect.poll(() => button('Run').isEnabled()).toBe(true)
    await button('← Studies').click()
    await button('Forget A study with a gap').click()
  })

  test('recent studies are listed, opened and forgotten', async () => {
    const entries = page.getByRole('listitem')
    await expect.poll(() => entries.count()).toBe(2)
    await button('Forget A small synthetic study').first().click()
    await expect.poll(() => entries.count()).toBe(1)
    await entries.getByRole('button').first().click()
    await page.getByLabel('Job', { exact: true }).waitFor()
    await button('← Studies').click()
    await looks(page, 'home')
  })

  test('a page without the token is refused and says what to do', async () => {
    const stranger = await visit(browser, served.url.replace(/#.*/, ''))
    await stranger.page.getByText('This address has no access key').waitFor()
    await looksAs(stranger.page, 'refused')
    expect(stranger.complaints).toEqual([])
    await stranger.close()
  })

  test('the policy stops scripts and requests that are not its own', async () => {
    const own = await visit(browser, served.url)
    await own.page
      .getByText('Recent', { exact: true })
      .or(own.page.getByText('A small synthetic study'))
      .first()
      .waitFor()
    expect(own.complaints).toEqual([])
    expect(await own.page.evaluate(runsInlineScript)).toBe(false)
    await expect.poll(() => own.complaints.join('\n')).toMatch(/policy: script-src/)
    const fetched = await own.page.evaluate(() =>
      fetch('http://localhost:9/').then(
        () => 'fetched',
        (error: Error) => error.name,
      ),
    )
    expect(fetched).toBe('TypeError')
    await expect.poll(() => own.complaints.join('\n')).toMatch(/policy: connect-src http:\/\/localhost:9/)
    await own.close()
  })

  test('Ctrl-C ends the command, its engine with it, and the page says so', async () => {
    const engines = process.platform === 'win32' ? [] : childrenOf(served.process.pid!)
    // Windows has no Ctrl-C for another process: there it is ended at once.
    expect(await served.stop()).toBe(process.platform === 'win32' ? null : 0)
    await page.getByText(/The connection to Heschl was lost/).waitFor()
    await looks(page, 'connection-lost')
    for (const engine of engines) expect(() => process.kill(engine, 0)).toThrow(/ESRCH/)
  })
})

/** The canvas once two pictures of it are the same. */
async function settled() {
  let before = await drawn()
  for (;;) {
    await page.waitForTimeout(150)
    const now = await drawn()
    if (difference(before, now).mean === 0) return now
    before = now
  }
}

async function exported(item: string, file: string): Promise<Buffer> {
  await button('Export').click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: item }).click()
  const saved = await download
  const path = join(artifacts, file)
  await saved.saveAs(path)
  return readFile(path)
}

function imagePlace(svg: string): { x: number; y: number; width: number; height: number } {
  const image = /<image\b[^>]*?>/.exec(svg.replace(/href="[^"]*"/g, ''))![0]
  const of = (name: string): number => Number(new RegExp(`\\s${name}="([\\d.]+)"`).exec(image)![1])
  return { x: of('x'), y: of('y'), width: of('width'), height: of('height') }
}
