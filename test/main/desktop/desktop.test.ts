import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startDesktop, studyArgument } from '../../../src-main/desktop/app.ts'
import type { DesktopOptions } from '../../../src-main/desktop/app.ts'
import { menuTemplate } from '../../../src-main/desktop/menu.ts'
import type { MenuItem } from '../../../src-main/desktop/port.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import type { EngineOptions } from '../../../src-main/jobs/engineHandle.ts'
import { scriptedEngine } from '../server/scriptedEngine.ts'
import type { ScriptedEngine } from '../server/scriptedEngine.ts'
import { fakeElectron, preventable } from './fakeElectron.ts'
import type { FakeContents, FakeElectron } from './fakeElectron.ts'

/** A busy machine may need longer than vitest's second. */
const patient = { timeout: 20_000 }

let folder: string
let engine: ScriptedEngine
let started: EngineOptions[]
let closed: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-desktop-'))
  await mkdir(join(folder, 'out', 'renderer'), { recursive: true })
  await writeFile(join(folder, 'out', 'renderer', 'index.html'), '<title>Heschl</title>')
  await writeFile(join(folder, 'out', 'secret.txt'), 'secret')
  started = []
  closed = 0
  engine = { ...scriptedEngine(), close: async () => void closed++ }
})
afterEach(() => rm(folder, { recursive: true }))

async function start(
  electron: FakeElectron,
  changes: Partial<Pick<DesktopOptions, 'args' | 'platform' | 'startEngine'>> = {},
): Promise<void> {
  await startDesktop(electron.port, {
    startEngine: async (options) => {
      started.push(options)
      return engine
    },
    here: join(folder, 'out', 'main'),
    stateDir: join(folder, 'state'),
    platform: 'linux',
    args: [],
    workingFolder: '/work',
    ...changes,
  })
}

const microtasks = (): Promise<void> => new Promise((done) => setTimeout(done, 20))

let calls = 0
/** Calls as a page does, through the fake's IPC, and gives the answer. */
async function ask(
  electron: FakeElectron,
  contents: FakeContents,
  name: string,
  argument: unknown,
): Promise<{ r?: unknown; e?: unknown }> {
  const id = `call-${++calls}`
  electron.say(contents, { t: 'q', i: id, m: 'call', a: [name, argument] })
  const answer = (): unknown =>
    contents.sent.map((sent) => (sent as [string, { i: string }])[1]).find((message) => message.i === id)
  await expect.poll(answer, patient).toBeDefined()
  return answer() as { r?: unknown; e?: unknown }
}

function item(menu: readonly MenuItem[], label: string): MenuItem {
  for (const entry of menu) {
    if (entry.label === label) return entry
    const inside = entry.submenu?.some((sub) => sub.label === label) ? item(entry.submenu, label) : undefined
    if (inside) return inside
  }
  throw new Error(`no menu item "${label}"`)
}

describe('start', () => {
  test('one sandboxed window on our own page, shown once it is drawn', async () => {
    const electron = fakeElectron()
    await start(electron)
    expect(electron.windows).toHaveLength(1)
    const [window] = electron.windows
    expect(window.options.webPreferences).toEqual({
      preload: join(folder, 'out', 'preload', 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    })
    expect(window.options.show).toBe(false)
    expect(window.log).toEqual(['load app://heschl/'])
    window.emit('ready-to-show')
    expect(window.log).toEqual(['load app://heschl/', 'show'])
  })

  test('the scheme is made known before Electron is ready', async () => {
    const electron = fakeElectron()
    await start(electron)
    expect(electron.log.slice(0, 2)).toEqual([
      'scheme {"scheme":"app","privileges":{"standard":true,"secure":true,"supportFetchAPI":true}}',
      'ready',
    ])
  })

  test('the engine runs in a utility process', async () => {
    const electron = fakeElectron()
    await start(electron)
    expect(started).toHaveLength(1)
    const spawn = started[0].spawn
    if (spawn === 'child_process') throw new Error('expected a utility process')
    spawn('/out/main/engine.js', ['a'], { serviceName: 'Heschl engine' })
    expect(electron.log).toContain('fork /out/main/engine.js a Heschl engine')
  })

  test('an engine that cannot start is told, and Heschl ends', async () => {
    const electron = fakeElectron()
    await start(electron, {
      startEngine: async () => {
        throw new HeschlError('ENGINE_LOST', 'The engine ended at its start')
      },
    })
    expect(electron.log.slice(-2)).toEqual(['error Heschl could not start: The engine ended at its start', 'exit 1'])
    expect(electron.windows).toEqual([])
  })

  test('a window that was never built is told, before an engine is started', async () => {
    await rm(join(folder, 'out', 'renderer'), { recursive: true })
    const electron = fakeElectron()
    await start(electron)
    expect(electron.log.at(-2)).toContain('The window has not been built')
    expect(electron.log.at(-1)).toBe('exit 1')
    expect(started).toEqual([])
  })
})

describe('a second instance', () => {
  test('hands its study to the first and ends', async () => {
    const electron = fakeElectron({ locked: true })
    await start(electron, { args: ['--flag', 'b.yaml'] })
    expect(electron.instanceData).toEqual([{ study: resolve('/work', 'b.yaml') }])
    expect(electron.log).toEqual(['quit'])
    expect([started, electron.windows]).toEqual([[], []])
  })

  test('opens its study in a window of its own, beside what is looked at', async () => {
    const electron = fakeElectron()
    await start(electron)
    electron.app.emit('second-instance', {}, [], '/', { study: '/b c.yaml' })
    const [first, second] = electron.windows
    expect(first.log).toEqual(['load app://heschl/'])
    expect(second.log).toEqual(['load app://heschl/?study=%2Fb+c.yaml'])
    first.minimized = true
    first.emit('focus')
    electron.app.emit('second-instance', {}, [], '/', {})
    expect(first.log).toEqual(['load app://heschl/', 'restore', 'focus'])
    expect(second.log).toHaveLength(1)
  })

  test.each([null, undefined, 'text', { study: 7 }, { study: null }])(
    'without a study it only brings the window to the front: %o',
    async (data) => {
      const electron = fakeElectron()
      await start(electron)
      electron.app.emit('second-instance', {}, [], '/', data)
      expect(electron.windows[0].log).toEqual(['load app://heschl/', 'focus'])
    },
  )
})

describe('what a page may not do', () => {
  test('devices, downloads and the network', async () => {
    const electron = fakeElectron()
    await start(electron)
    const granted: boolean[] = []
    const request = electron.session.permissionRequest as (c: unknown, p: string, a: (g: boolean) => void) => void
    for (const permission of ['media', 'geolocation', 'clipboard-read']) request({}, permission, (g) => granted.push(g))
    expect(granted).toEqual([false, false, false])
    expect((electron.session.permissionCheck as () => boolean)()).toBe(false)
    expect((electron.session.devicePermission as () => boolean)()).toBe(false)
    const download = preventable()
    electron.session.emit('will-download', download)
    expect(download.prevented).toBe(true)
    for (const url of [
      'https://example.org/',
      'http://127.0.0.1/',
      'file:///etc/passwd',
      'ws://x/',
      'app://other/',
      '',
    ])
      expect([url, electron.allows(url)]).toEqual([url, false])
    for (const url of ['app://heschl/index.html', 'blob:app://heschl/1', 'data:image/png;base64,'])
      expect([url, electron.allows(url)]).toEqual([url, true])
  })

  test('leaving, new windows and web views', async () => {
    const electron = fakeElectron()
    await start(electron)
    const { webContents } = electron.windows[0]
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      expect(webContents.navigate(event, 'https://example.org/')).toBe(true)
      expect(webContents.navigate(event, 'app://heschl.example.org/')).toBe(true)
      expect(webContents.navigate(event, 'file:///etc/passwd')).toBe(true)
      expect(webContents.navigate(event, 'not an address')).toBe(true)
      expect(webContents.navigate(event, 'app://heschl/')).toBe(false)
    }
    const view = preventable()
    webContents.emit('will-attach-webview', view)
    expect(view.prevented).toBe(true)
    expect(webContents.openHandler?.()).toEqual({ action: 'deny' })
  })

  test('reading beside its own files', async () => {
    const electron = fakeElectron()
    await start(electron)
    const page = electron.request('app://heschl/')
    expect([page.status, await page.text()]).toEqual([200, '<title>Heschl</title>'])
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    for (const url of [
      'app://heschl/../secret.txt',
      'app://heschl/%2e%2e/secret.txt',
      'app://heschl/..%2fsecret.txt',
      'app://heschl/..%5csecret.txt',
      'app://other/index.html',
      'not an address',
    ])
      expect([url, electron.request(url).status]).toEqual([url, 404])
    expect(electron.request('app://heschl/', 'POST').status).toBe(404)
  })
})

describe('messages', () => {
  test('are answered with cloned arrays and errors as data', async () => {
    const electron = fakeElectron()
    await start(electron, { args: ['study.yaml'] })
    const { webContents } = electron.windows[0]
    expect((await ask(electron, webContents, 'hello', {})).r).toEqual({
      host: 'electron',
      version: '1.2.3',
      study: null,
      canPick: true,
    })
    const place = new URLSearchParams({ study: resolve('/work', 'study.yaml') }).toString()
    expect(electron.windows[0].log).toEqual([`load app://heschl/?${place}`])
    expect((await ask(electron, webContents, 'surface', { study: 's' })).r).toEqual(engine.surface)
    expect((await ask(electron, webContents, 'plan', { study: '/x' })).e).toMatchObject({ code: 'FILE_MISSING' })
  })

  test('are heard from the main frame of our own page alone', async () => {
    const electron = fakeElectron()
    await start(electron)
    const { webContents } = electron.windows[0]
    const hello = { t: 'q', i: 'x', m: 'call', a: ['hello', {}] }
    electron.say(webContents, hello, null)
    electron.say(webContents, hello, { url: 'https://example.org/', parent: null })
    electron.say(webContents, hello, { url: 'app://heschl/', parent: {} })
    electron.say(webContents, hello, { url: 'app://heschl.example.org/', parent: null })
    for (const broken of [null, 5, {}, { t: 'q', i: 'x', m: 'close', a: [] }]) electron.say(webContents, broken)
    await microtasks()
    expect(webContents.sent).toEqual([])
    expect((await ask(electron, webContents, 'hello', {})).r).toMatchObject({ host: 'electron' })
  })

  test('end with the window, and a new one has its own line', async () => {
    const electron = fakeElectron()
    await start(electron, { platform: 'darwin' })
    const [window] = electron.windows
    const listening = engine.listeners()
    engine.emit('engine', { running: true })
    expect(window.webContents.sent).toHaveLength(1)
    window.webContents.destroyed = true
    window.webContents.emit('destroyed')
    window.emit('closed')
    electron.app.emit('window-all-closed')
    expect(electron.log).not.toContain('quit')
    // Every event has a window's listener; the list of jobs goes on without a window.
    expect([engine.listeners(), listening]).toEqual([2, 8])
    electron.app.emit('activate')
    expect(electron.windows).toHaveLength(2)
    expect((await ask(electron, electron.windows[1].webContents, 'hello', {})).r).toMatchObject({ host: 'electron' })
    expect(window.webContents.sent).toHaveLength(1)
  })
})

describe('dialogs and menu', () => {
  test('a study picked from the menu opens in the window', async () => {
    const electron = fakeElectron()
    await start(electron)
    electron.chosen = '/picked.yaml'
    item(electron.menu, 'Open study…').click!()
    const [window] = electron.windows
    await expect
      .poll(() => window.log, patient)
      .toEqual(['load app://heschl/', 'load app://heschl/?study=%2Fpicked.yaml'])
    electron.chosen = null
    item(electron.menu, 'Open study…').click!()
    await microtasks()
    expect(window.log).toHaveLength(2)
    expect((await ask(electron, window.webContents, 'pickStudy', {})).r).toBeNull()
  })

  test('a new window shares the engine and hears of the same jobs; the last one that had the focus opens the study', async () => {
    const electron = fakeElectron()
    await start(electron)
    item(electron.menu, 'New window').click!()
    const [first, second] = electron.windows
    expect((await ask(electron, second.webContents, 'newWindow', { study: '/c.yaml' })).r).toBeNull()
    expect(electron.windows[2].log).toEqual(['load app://heschl/?study=%2Fc.yaml'])
    expect(started).toHaveLength(1)
    engine.emit('log', { job: 'j', at: 1, text: 'Began' })
    for (const { webContents } of electron.windows)
      expect(webContents.sent.at(-1)).toMatchObject(['heschl:rpc', { a: ['log', { text: 'Began' }] }])
    first.emit('focus')
    electron.chosen = '/picked'
    expect((await ask(electron, first.webContents, 'pickFolder', {})).r).toBe('/picked')
    item(electron.menu, 'Open study…').click!()
    await expect.poll(() => first.log.at(-1), patient).toBe('load app://heschl/?study=%2Fpicked')
    expect(second.log).toHaveLength(1)
  })

  test('a figure is saved where the user says', async () => {
    const electron = fakeElectron()
    await start(electron)
    electron.chosen = join(folder, 'chosen.svg')
    const figure = { svg: '<svg/>', format: 'svg', scale: 1, name: 'cortex' }
    const { webContents } = electron.windows[0]
    expect((await ask(electron, webContents, 'saveFigure', figure)).r).toEqual({ path: electron.chosen, bytes: null })
    expect(await readFile(electron.chosen, 'utf8')).toBe('<svg/>')
    expect(electron.log).toContain('save cortex.svg as svg')
    electron.chosen = join(folder, 'no', 'such', 'folder.svg')
    expect((await ask(electron, webContents, 'saveFigure', figure)).e).toMatchObject({ code: 'FILE_MISSING' })
  })

  test('a theme is set at once and marked in the menu', async () => {
    const electron = fakeElectron()
    await start(electron)
    expect(electron.port.nativeTheme.themeSource).toBe('system')
    item(electron.menu, 'Dark theme').click!()
    expect(electron.port.nativeTheme.themeSource).toBe('dark')
    expect(item(electron.menu, 'Dark theme').checked).toBe(true)
    expect(item(electron.menu, "System's theme").checked).toBe(false)
  })

  test('each platform has its own menus, and tools are for developing', () => {
    const roles = (platform: NodeJS.Platform, developing: boolean): string[] => {
      const actions = { platform, developing, theme: 'system', open() {}, newWindow() {}, setTheme() {} } as const
      return menuTemplate(actions).flatMap((entry) =>
        [entry, ...(entry.submenu ?? [])].flatMap(({ role }) => role ?? []),
      )
    }
    expect(roles('linux', false)).toEqual(['close', 'quit', 'editMenu', 'togglefullscreen', 'about'])
    expect(roles('darwin', false)).toEqual(['appMenu', 'close', 'editMenu', 'togglefullscreen', 'windowMenu', 'about'])
    expect(roles('win32', true)).toEqual([
      'close',
      'quit',
      'editMenu',
      'togglefullscreen',
      'reload',
      'toggleDevTools',
      'about',
    ])
  })

  test('a file that the system hands over opens', async () => {
    const electron = fakeElectron()
    await start(electron)
    const event = preventable()
    electron.app.emit('open-file', event, '/dropped.yaml')
    expect(event.prevented).toBe(true)
    expect(electron.windows.map(({ log }) => log)).toEqual([
      ['load app://heschl/'],
      ['load app://heschl/?study=%2Fdropped.yaml'],
    ])
  })
})

describe('the end', () => {
  test('the engine is closed before the program ends, once', async () => {
    const electron = fakeElectron()
    await start(electron)
    electron.app.emit('window-all-closed')
    expect(electron.log.at(-1)).toBe('quit')
    const first = preventable()
    electron.app.emit('before-quit', first)
    expect([first.prevented, closed]).toEqual([true, 1])
    await microtasks()
    const second = preventable()
    electron.app.emit('before-quit', second)
    expect([second.prevented, closed]).toEqual([false, 1])
    expect(electron.log.filter((line) => line === 'quit')).toHaveLength(2)
  })
})

test('the study of a command line is its first argument that is not an option', () => {
  expect(studyArgument([], '/work')).toBeNull()
  expect(studyArgument(['--inspect', '', '-x'], '/work')).toBeNull()
  expect(studyArgument(['--x', 'a/study.yaml', 'b'], '/work')).toBe(resolve('/work/a/study.yaml'))
})
