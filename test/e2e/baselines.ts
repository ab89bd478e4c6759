/**
 * How views looked when a person last accepted them: small pictures beside this file, which every run compares with what
 * it sees. They are a quarter as wide and high as the window and of 16 levels, so that letters are shades: other digits,
 * another build of Chromium or another processor leave them alike, and a part that is missing, moved or recoloured does not.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { encode } from 'fast-png'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { readPng, reduce, type Picture } from './image.ts'
import { compareTiles, marked } from './tiles.ts'
import { artifacts, root } from './paths.ts'

const accepted = join(root, 'test', 'e2e', 'baselines')
/** What was seen, what was expected, and where they differ, of views that do not look as they did. */
const differing = join(artifacts, 'looks')
const factor = 4
/** Elsewhere the browser's own boxes, lists and bars are drawn in the system's way. */
const compares = process.platform === 'linux'
const writes = process.env.HESCHL_BASELINES === 'write'
/** Until what is drawn later than the words around it is there. */
const patience = 15_000

/** The page as it is now, without what another run would not have: times, sizes in memory, temporary folders, messages. */
export async function steadyPicture(page: Page): Promise<Buffer> {
  await page.evaluate(steady)
  try {
    return await page.screenshot({ animations: 'disabled' })
  } finally {
    await page.evaluate(() => (window as unknown as { unsteady?: () => void }).unsteady?.())
  }
}

/**
 * That a view looks as it was accepted, or waits until it does. The other checks of its test go on where it does not.
 * @returns the picture in full
 */
export async function looksAs(page: Page, name: string): Promise<Buffer> {
  let bytes = await steadyPicture(page)
  if (!compares) return bytes
  const file = join(accepted, `${name}.png`)
  const end = Date.now() + patience
  if (writes) {
    let settled = false
    while (!settled && Date.now() < end) {
      const before = bytes
      await wait(300)
      bytes = await steadyPicture(page)
      settled = before.equals(bytes)
    }
    const now = smallPicture(bytes)
    // What looks as before stays as it is, to the byte.
    if (existsSync(file) && compareTiles(now, readPng(readFileSync(file))).length === 0) return bytes
    mkdirSync(accepted, { recursive: true })
    writeFileSync(file, encodePicture(now))
    return bytes
  }
  if (!existsSync(file)) {
    expect.soft(existsSync(file), `There is no accepted picture of ${name}. ${remedy}`).toBe(true)
    return bytes
  }
  const baseline = readPng(readFileSync(file))
  let seen = smallPicture(bytes)
  while (compareTiles(seen, baseline).length > 0 && Date.now() < end) {
    await wait(250)
    bytes = await steadyPicture(page)
    seen = smallPicture(bytes)
  }
  const tiles = compareTiles(seen, baseline)
  if (tiles.length > 0) {
    mkdirSync(differing, { recursive: true })
    const path = (what: string) => join(differing, `${name}.${what}.png`)
    writeFileSync(path('seen'), bytes)
    writeFileSync(path('accepted'), readFileSync(file))
    writeFileSync(path('difference'), encodePicture(marked(seen, tiles)))
    const places = tiles.slice(0, 3).map(({ x, y }) => `${x * factor}, ${y * factor}`)
    const words =
      `${name} does not look as it was accepted: ${tiles.length} parts of it differ, the first at ${places.join(' and ')}. ` +
      `Look at ${path('difference')}, and .seen.png and .accepted.png beside it. ${remedy}`
    expect.soft(tiles.length, words).toBe(0)
  }
  return bytes
}

const remedy = 'If it should look as it does now, HESCHL_BASELINES=write npm test -- --only e2e accepts it.'

/** What is kept of a picture. */
export function smallPicture(bytes: Uint8Array): Picture {
  const whole = readPng(bytes)
  const picture = reduce(whole, 0, 0, whole.width, whole.height, factor)
  const step = 255 / 15
  picture.rgb.forEach((value, i) => (picture.rgb[i] = Math.round(Math.round(value / step) * step)))
  return picture
}

const encodePicture = ({ width, height, rgb }: Picture): Uint8Array =>
  encode({ width, height, data: rgb, channels: 3, depth: 8 }, { zlib: { level: 9 } })

/** In the page: sets what varies to the same in every run, until `unsteady` is called. */
function steady(): void {
  const changed: [Text, string][] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode as Text
    if (node.parentElement!.closest('svg')) continue
    const before = node.data
    const after = before
      .replace(/\d\d? [A-Z][a-z]{2} \d{4}, \d\d:\d\d/g, '1 Jan 2000, 00:00')
      .replace(/\d\d:\d\d:\d\d/g, '00:00:00')
      .replace(/\d[\d.,]* (?:h|min|s|ms)\b(?: \d[\d.,]* (?:min|s)\b)*/g, '0 s')
      .replace(/\d[\d.,]* (?:k|M|G)B\b/g, '000 MB')
      .replace(/heschl-e2e-\w{6}/g, 'heschl-e2e-000000')
    if (after === before) continue
    changed.push([node, before])
    node.data = after
  }
  const said = document.querySelector<HTMLElement>('.said')
  if (said) said.style.visibility = 'hidden'
  ;(window as unknown as { unsteady: () => void }).unsteady = () => {
    for (const [node, before] of changed) node.data = before
    if (said) said.style.visibility = ''
  }
}
