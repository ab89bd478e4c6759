/** Heschl under Electron, from its start to its end. Everything it asks of Electron goes through the port. */
import { join, resolve } from 'node:path'
import { HeschlError } from '../errors.ts'
import type { EngineHandle, EngineOptions } from '../jobs/engineHandle.ts'
import { createHost } from '../jobs/host/host.ts'
import { openRecentStudies } from '../jobs/host/recent.ts'
import { readStaticFiles } from '../jobs/host/staticFiles.ts'
import { choosePlace, pickStudy } from './dialogs.ts'
import { openLines } from './ipc.ts'
import type { WindowLines } from './ipc.ts'
import { menuTemplate } from './menu.ts'
import { restrictContents, restrictSession } from './policy.ts'
import type { ElectronPort, Theme, WindowPort } from './port.ts'
import { answerRequest, pageUrl, scheme } from './protocol.ts'
import { openWindow } from './window.ts'

export interface DesktopOptions {
  startEngine(options: EngineOptions): Promise<EngineHandle>
  /** The folder of the built main process, `out/main`. */
  readonly here: string
  readonly stateDir: string
  readonly platform: NodeJS.Platform
  /** The command line after the program's own name. */
  readonly args: readonly string[]
  readonly workingFolder: string
}

/** The study of a command line: its first argument that is not an option, or null. */
export function studyArgument(args: readonly string[], workingFolder: string): string | null {
  const given = args.find((argument) => argument !== '' && !argument.startsWith('-'))
  return given === undefined ? null : resolve(workingFolder, given)
}

/** Runs until the user quits; a second instance hands its study to the first and ends at once. */
export async function startDesktop(electron: ElectronPort, options: DesktopOptions): Promise<void> {
  const { app } = electron
  let study = studyArgument(options.args, options.workingFolder)
  let window: WindowPort | null = null
  let lines: WindowLines | null = null
  let engine: EngineHandle | null = null

  if (!app.requestSingleInstanceLock({ study })) return app.quit()
  electron.protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  app.on('web-contents-created', (_event, contents) => restrictContents(contents))

  const show = (): void => {
    if (lines === null) return
    if (window) return
    window = openWindow(electron, join(options.here, '..', 'preload', 'preload.cjs'))
    window.on('closed', () => (window = null))
    lines.connect(window.webContents)
  }
  /** A page asks at its start which study to open, so another study is another start of the page. */
  const openStudy = (path: string): void => {
    study = path
    if (window) void window.loadURL(pageUrl)
    else show()
  }
  app.on('second-instance', (_event, _argv, _folder, data) => {
    const asked = typeof data === 'object' && data !== null && 'study' in data ? data.study : null
    if (typeof asked === 'string') openStudy(asked)
    else show()
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    openStudy(path)
  })
  app.on('activate', show)
  app.on('window-all-closed', () => {
    if (options.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (engine === null) return
    // The engine finishes its write to the store before the program ends.
    event.preventDefault()
    const closing = engine
    engine = null
    void closing.close().finally(() => app.quit())
  })

  const setMenu = (theme: Theme): void => {
    electron.nativeTheme.themeSource = theme
    const template = menuTemplate({
      platform: options.platform,
      developing: !app.isPackaged,
      theme,
      open: () => void pickStudy(electron.dialog).then((path) => (path === null ? undefined : openStudy(path))),
      setTheme: setMenu,
    })
    electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(template) as never)
  }

  await app.whenReady()
  try {
    restrictSession(electron.session.defaultSession)
    const files = await readStaticFiles(join(options.here, '..', 'renderer'))
    electron.protocol.handle(scheme, (request) => answerRequest(files, request))
    engine = await options.startEngine({
      spawn: (module, args, forkOptions) => electron.utilityProcess.fork(module, args, forkOptions),
    })
    const host = createHost(engine, openRecentStudies(options.stateDir), {
      host: 'electron',
      version: app.getVersion(),
      study: () => study,
      pickStudy: () => pickStudy(electron.dialog),
      choosePlace: (name) => choosePlace(electron.dialog, name),
    })
    lines = openLines(electron.ipcMain, host)
    setMenu('system')
    show()
  } catch (error) {
    electron.dialog.showErrorBox('Heschl could not start', HeschlError.from(error).message)
    app.exit(1)
  }
}
