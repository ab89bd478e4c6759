/** A headless Chromium with WebGL2 on any machine: the npm package's on Linux, an installed Chrome or Edge elsewhere. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { root } from './paths.ts'

/** WebGL2 without a GPU. Web security stays on: the content security policy is part of what is tested. */
const args = [
  '--no-sandbox',
  '--no-zygote',
  '--ignore-gpu-blocklist',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
]

export async function launchBrowser(): Promise<Browser> {
  if (process.platform === 'linux') {
    const executablePath = await unpackChromium()
    return chromium.launch({ executablePath, args, headless: true })
  }
  const failures: string[] = []
  for (const channel of ['chrome', 'msedge']) {
    try {
      return await chromium.launch({ channel, args: args.filter((arg) => !/sandbox|zygote/.test(arg)), headless: true })
    } catch (error) {
      failures.push(`${channel}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    }
  }
  throw new Error(`The end-to-end tests need Chrome or Edge on this system.\n${failures.join('\n')}`)
}

/** Unpacks once, to a folder of its own version: the package itself reuses whatever lies in the temp folder. */
async function unpackChromium(): Promise<string> {
  const manifest = join(root, 'node_modules', '@sparticuz', 'chromium', 'package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const cache = join(root, '.cache')
  const folder = join(cache, `chromium-${version}`)
  if (existsSync(folder)) return join(folder, 'chromium')
  await mkdir(cache, { recursive: true })
  const unpacking = await mkdtemp(join(cache, 'unpacking-'))
  const before = process.env.TMPDIR
  // It unpacks to os.tmpdir(), which is this variable.
  process.env.TMPDIR = unpacking
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    await packed.executablePath()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  try {
    await rename(unpacking, folder)
  } catch (error) {
    // Another run was faster.
    await rm(unpacking, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return join(folder, 'chromium')
}
