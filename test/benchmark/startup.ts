/**
 * Start-up: the command line to its first output, and the window from the browser's request to a drawn cortex, on the
 * small synthetic study of the tests (computed first, so that there is something to draw). Median of `--repeat` runs.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../e2e/chromium.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'

const { values } = parseArgs({ options: { repeat: { type: 'string', default: '7' } } })
const repeat = Number(values.repeat)
const cli = resolve('src-main/cli/main.ts')
const median = (times: number[]) => Math.round(times.sort((a, b) => a - b)[times.length >> 1])

function timed(...args: string[]): number {
  const times = Array.from({ length: repeat }, () => {
    const began = performance.now()
    execFileSync(process.execPath, args, { stdio: 'ignore' })
    return performance.now() - began
  })
  return median(times)
}

/** Milliseconds from starting the server to its address, and from the request to the first drawn cortex. */
async function timedWindow(study: string): Promise<{ server: number; window: number }> {
  const server: number[] = []
  const window: number[] = []
  const browser = await launchBrowser()
  try {
    for (let i = 0; i < repeat; i++) {
      const began = performance.now()
      const child = spawn(process.execPath, [cli, 'serve', study, '--no-open', '--json'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const url = await new Promise<string>((done) => {
        let text = ''
        child.stdout.on('data', (part) => {
          text += String(part)
          const found = /"url":\s*"([^"]+)"/.exec(text)
          if (found) done(found[1])
        })
      })
      server.push(performance.now() - began)
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
      const asked = performance.now()
      await page.goto(url)
      await page.locator('[data-drawn="true"]').first().waitFor()
      window.push(performance.now() - asked)
      await page.close()
      child.kill('SIGINT')
      await new Promise((done) => child.on('exit', done))
    }
  } finally {
    await browser.close()
  }
  return { server: median(server), window: median(window) }
}

const folder = mkdtempSync(join(tmpdir(), 'heschl-startup-'))
try {
  const { path } = await makeSmallStudy(folder, { layers: ['transf0'], level: 5, seconds: 20 })
  execFileSync(process.execPath, [cli, 'run', path, '--json'], { stdio: 'ignore' })
  console.log(
    JSON.stringify({
      benchmark: 'startup',
      machine: `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`,
      node: process.versions.node,
      milliseconds: {
        nodeAlone: timed('-e', '0'),
        version: timed(cli, '--version'),
        help: timed(cli, '--help'),
        validate: timed(cli, 'validate', path, '--json'),
        ...(await timedWindow(path)),
      },
    }),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
