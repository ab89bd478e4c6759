/** The desktop application itself, wherever Electron's binary is and a display to show it on. */
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { electronBinary } from '../../src-main/cli/installation.ts'
import { artifacts, root } from './paths.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'
import { jobSays, removeFolder, runsInlineScript, temporaryFolder } from './support.ts'

const binary = electronBinary()
const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
const reason = binary === undefined ? "Electron's binary is not installed" : display ? undefined : 'there is no display'

describe.skipIf(reason !== undefined)(`Electron${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let folder: string
  let app: ElectronApplication
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    folder = await temporaryFolder()
    const { path: study } = await makeSmallStudy(join(folder, 'study'))
    app = await _electron.launch({
      executablePath: binary!,
      args: [
        ...(process.platform === 'linux' ? ['--no-sandbox'] : []),
        root,
        study,
        `--user-data-dir=${join(folder, 'electron')}`,
      ],
      env: { ...(process.env as Record<string, string>), HESCHL_STATE_DIR: join(folder, 'state') },
    })
    page = await app.firstWindow()
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
  })
  afterAll(async () => {
    await app?.close()
    if (folder) await removeFolder(folder)
  })

  test('opens the study of the command line and runs it', async () => {
    await page.getByText('A small synthetic study').first().waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await jobSays(page, /Done in/)
    await page.screenshot({ path: join(artifacts, 'electron.png') })
    expect(complaints).toEqual([])
  })

  test('the page has the preload and nothing of Node', async () => {
    const found = await page.evaluate(() => ({
      heschl: Object.keys((window as unknown as { heschl: object }).heschl).sort(),
      node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in window),
      origin: window.location.origin,
    }))
    expect(found).toEqual({ heschl: ['onMessage', 'pathOf', 'post'], node: [], origin: 'app://heschl' })
  })

  test('the page cannot leave, open windows, ask for devices or run code of its own making', async () => {
    await page.evaluate(() => (window.location.href = 'https://example.org/'))
    expect(await page.evaluate(() => window.open('https://example.org/') === null)).toBe(true)
    expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied')
    expect(await page.evaluate(runsInlineScript)).toBe(false)
    expect(page.url()).toMatch(/^app:\/\/heschl\//)
    expect(app.windows()).toHaveLength(1)
  })

  test('the window has the preferences that keep it apart', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0] as unknown as {
        webContents: { getLastWebPreferences(): Record<string, unknown> }
      }
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = window.webContents.getLastWebPreferences()
      return { sandbox, contextIsolation, nodeIntegration, webSecurity }
    })
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true })
  })
})
