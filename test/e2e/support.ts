/** The real command line, serving the real window, and a browser that watches for anything a user would not see. */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { artifacts, root } from './paths.ts'

export interface Served {
  readonly url: string
  readonly process: ChildProcess
  /** Ends the command as Ctrl-C does and waits for it. @returns its exit code */
  stop(): Promise<number | null>
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'heschl-e2e-'))
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, maxRetries: 10 })

/** What `npm run heschl` starts once the window is built. */
export const program = join(root, 'out', 'main', 'cli.js')

/** `heschl serve`, as a user starts it, with a state folder of its own. */
export async function serve(stateDir: string, study?: string): Promise<Served> {
  if (!existsSync(join(root, 'out', 'renderer', 'index.html'))) {
    throw new Error('The window has not been built: run `npm run build` first')
  }
  const child = spawn(process.execPath, [program, 'serve', ...(study ? [study] : []), '--no-open', '--json'], {
    env: { ...process.env, HESCHL_STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [said, complained] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`heschl serve ended with ${code}: ${said}${complained}`)))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const found = /"url":\s*"([^"]+)"/.exec(said)
      if (found) resolve(found[1])
    })
  })
  return {
    url,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const exited = once(child, 'exit') as Promise<[number | null]>
      child.kill('SIGINT')
      return (await exited)[0]
    },
  }
}

/** The process ids of a process's children. Linux and macOS. */
export function childrenOf(parent: number): number[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
      .map(Number)
  }
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return table.split('\n').flatMap((line) => {
    const [pid, ppid] = line.trim().split(/\s+/).map(Number)
    return ppid === parent && pid !== undefined ? [pid] : []
  })
}

function parentOf(pid: string): number | undefined {
  try {
    // "pid (name) state ppid …"; the name may hold anything.
    return Number(/.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1])
  } catch {
    return undefined // it has ended since
  }
}

export interface Visit {
  readonly page: Page
  /** What the browser complained of: console errors, exceptions, policy violations, requests that failed. */
  readonly complaints: string[]
  close(): Promise<void>
}

/** Opens the page in a context of its own. `expected` complaints are left out. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      if (!aboutSoftwareRendering(message.text())) complaints.push(`${message.type()}: ${message.text()}`)
    }
  })
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('requestfailed', (request) => {
    if (!request.url().startsWith('blob:')) complaints.push(`failed: ${request.url()}`)
  })
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      reportError(new Error(`policy: ${violatedDirective} ${blockedURI} in ${sourceFile}`)),
    )
  })
  await page.goto(url)
  return { page, complaints, close: () => context.close() }
}

/** Chromium's own remarks on drawing without a GPU; they say nothing of the page. */
const aboutSoftwareRendering = (text: string): boolean =>
  /GPU stall due to ReadPixels|software (WebGL|rendering)|swiftshader/i.test(text)

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(artifacts, `${name}.png`) })
}

/** Waits for words in the job bar, and says what stood there instead when they do not come. */
export async function jobSays(page: Page, words: RegExp, timeout = 90_000): Promise<void> {
  const bar = page.getByLabel('Job', { exact: true })
  await expect.poll(() => bar.innerText(), { timeout, interval: 100 }).toMatch(words)
}

/** In the page: whether a script that was not one of the built files runs. */
export function runsInlineScript(): boolean {
  const script = document.createElement('script')
  script.textContent = 'document.documentElement.dataset.ran = "yes"'
  document.body.append(script)
  script.remove()
  return document.documentElement.dataset['ran'] === 'yes'
}
