/** What most files of these tests begin and end with: a folder, the command serving a study, a browser with a window. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser } from './chromium.ts'
import { program, removeFolder, serve, temporaryFolder, visit } from './support.ts'
import type { Served, Visit } from './support.ts'

export interface Opened {
  readonly folder: string
  readonly browser: Browser
  served: Served
  visited: Visit
  /** Of the window. */
  page: Page
  /** The window alone, once it was closed or the command was ended. */
  again(study?: string): Promise<void>
  close(): Promise<void>
}

/** @param prepare makes what is opened in the folder and gives the study file; without one the list of studies is shown */
export async function openWindow(
  options: BrowserContextOptions,
  prepare: (folder: string) => Promise<string | undefined>,
): Promise<Opened> {
  const folder = await temporaryFolder()
  const begun: (() => Promise<unknown>)[] = [() => removeFolder(folder)]
  const close = async () => {
    for (const end of begun.toReversed()) await end()
  }
  try {
    const study = await prepare(folder)
    const state = join(folder, 'state')
    const browser = await launchBrowser()
    begun.push(() => browser.close())
    const served = await serve(state, study)
    begun.push(() => opened.served.stop())
    const visited = await visit(browser, served.url, options)
    const opened: Opened = {
      ...{ folder, browser, served, visited, page: visited.page, close },
      async again(path) {
        await opened.visited.close()
        await opened.served.stop()
        opened.served = await serve(state, path)
        opened.visited = await visit(browser, opened.served.url, options)
        opened.page = opened.visited.page
      },
    }
    return opened
  } catch (error) {
    await close()
    throw error
  }
}

/** A study as it is after `heschl run`, with the state folder that the window will have. @returns its file */
export function alreadyRun(folder: string, study: string): string {
  const env = { ...process.env, HESCHL_STATE_DIR: join(folder, 'state') }
  execFileSync(process.execPath, [program, 'run', study], { env, stdio: 'pipe' })
  return study
}
