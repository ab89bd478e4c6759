/** Heschl under Electron, from its start to its end. Everything it asks of Electron goes through the port. */
import { join, resolve } from 'node:path'
import { HeschlError } from '../errors.ts'
import type { EngineHandle, EngineOptions } from '../jobs/engineHandle.ts'
import { createHost } from '../jobs/host/host.ts'
import type { JobHistory } from '../jobs/host/jobHistory.ts'
import { openKept } from '../jobs/host/kept.ts'
import { readStaticFiles } from '../jobs/host/staticFiles.ts'
import { choosePlace, pickFolder, pickStudy } from './dialogs.ts'
import { openLines } from './ipc.ts'
import { menuTemplate } from './menu.ts'
import { restrictContents, restrictSession } from './policy.ts'
import type { ElectronPort, Theme } from './port.ts'
import { answerRequest, scheme } from './protocol.ts'
import { openWindows } from './windows.ts'
import type { Windows } from './windows.ts'

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
  const study = studyArgument(options.args, options.workingFolder)
  let windows: Windows | null = null
  let engine: EngineHandle | null = null
  let history: JobHistory | null = null
  /** A study of the operating system's that came before there were windows. */
  let asked = study

  if (!app.requestSingleInstanceLock({ study })) return app.quit()
  electron.protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  app.on('web-contents-created', (_event, contents) => restrictContents(contents))

  // What is looked at stays: another study gets another window.
  app.on('second-instance', (_event, _argv, _folder, data) => {
    const given = typeof data === 'object' && data !== null && 'study' in data ? data.study : null
    if (typeof given === 'string') windows?.open(given)
    else windows?.front()
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    if (windows) windows.open(path)
    else asked = path
  })
  app.on('activate', () => windows?.front())
  app.on('window-all-closed', () => {
    if (options.platform !== 'darwin') app.quit()
  })
  app.on('before-quit', (event) => {
    if (engine === null) return
    // The engine finishes its write to the store before the program ends.
    event.preventDefault()
    const closing = engine
    engine = null
    void Promise.allSettled([history?.close(), closing.close()]).finally(() => app.quit())
  })

  const setMenu = (theme: Theme): void => {
    electron.nativeTheme.themeSource = theme
    const template = menuTemplate({
      platform: options.platform,
      developing: !app.isPackaged,
      theme,
      newWindow: () => windows?.open(null),
      open: () => void pickStudy(electron.dialog).then((path) => (path === null ? undefined : windows?.openHere(path))),
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
    const kept = openKept(options.stateDir, engine)
    history = kept.history
    const host = createHost(engine, kept, {
      host: 'electron',
      version: app.getVersion(),
      // Each window's address names its own.
      study: () => null,
      pickStudy: () => pickStudy(electron.dialog),
      pickFolder: () => pickFolder(electron.dialog),
      newWindow: (path) => windows?.open(path),
      choosePlace: (name) => choosePlace(electron.dialog, name),
    })
    windows = openWindows(
      electron,
      join(options.here, '..', 'preload', 'preload.cjs'),
      openLines(electron.ipcMain, host),
    )
    setMenu('system')
    windows.open(asked)
  } catch (error) {
    electron.dialog.showErrorBox('Heschl could not start', HeschlError.from(error).message)
    app.exit(1)
  }
}
