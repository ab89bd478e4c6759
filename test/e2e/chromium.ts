/** A headless Chromium with WebGL2 on any machine: the npm package's on Linux, an installed Chrome or Edge elsewhere. */
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { unpackChromium } from '../support/unpackChromium.ts'

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
