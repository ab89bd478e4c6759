/** The calls that Heschl makes of Electron, and no others: what a test has to stand in for. */
import type { UtilityFork } from '../jobs/engineHandle.ts'

export interface Preventable {
  preventDefault(): void
}

export interface NavigationEvent extends Preventable {
  readonly url: string
}

export interface ContentsPort {
  readonly id: number
  isDestroyed(): boolean
  send(channel: string, message: unknown): void
  setWindowOpenHandler(handler: () => { action: 'deny' }): void
  on(
    event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate',
    listener: (event: NavigationEvent) => void,
  ): unknown
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown
  once(event: 'destroyed', listener: () => void): unknown
}

export interface WindowPort {
  readonly webContents: ContentsPort
  loadURL(url: string): Promise<void>
  show(): void
  focus(): void
  restore(): void
  isMinimized(): boolean
  once(event: 'ready-to-show', listener: () => void): unknown
  on(event: 'closed' | 'focus', listener: () => void): unknown
}

export interface WindowOptions {
  readonly width: number
  readonly height: number
  readonly minWidth: number
  readonly minHeight: number
  readonly show: boolean
  readonly title: string
  readonly backgroundColor: string
  readonly webPreferences: {
    readonly preload: string
    readonly contextIsolation: true
    readonly sandbox: true
    readonly nodeIntegration: false
    readonly webSecurity: true
    readonly webviewTag: false
    readonly spellcheck: false
  }
}

export interface IpcEvent {
  readonly sender: { readonly id: number }
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null
}

export interface SessionPort {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void,
  ): void
  setPermissionCheckHandler(handler: () => boolean): void
  setDevicePermissionHandler(handler: () => boolean): void
  on(event: 'will-download', listener: (event: Preventable) => void): unknown
  readonly webRequest: {
    onBeforeRequest(
      listener: (details: { readonly url: string }, answer: (response: { cancel: boolean }) => void) => void,
    ): void
  }
}

export interface MenuItem {
  readonly label?: string
  readonly role?:
    | 'about'
    | 'appMenu'
    | 'close'
    | 'editMenu'
    | 'quit'
    | 'reload'
    | 'toggleDevTools'
    | 'togglefullscreen'
    | 'windowMenu'
  readonly type?: 'radio' | 'separator'
  readonly checked?: boolean
  readonly accelerator?: string
  readonly click?: () => void
  readonly submenu?: MenuItem[]
}

export type Theme = 'system' | 'light' | 'dark'

export interface ElectronPort {
  readonly app: {
    readonly isPackaged: boolean
    getVersion(): string
    getAppPath(): string
    requestSingleInstanceLock(additionalData: Record<string, unknown>): boolean
    whenReady(): Promise<void>
    quit(): void
    exit(code: number): void
    on(
      event: 'second-instance',
      listener: (event: unknown, argv: string[], folder: string, additionalData: unknown) => void,
    ): unknown
    on(event: 'web-contents-created', listener: (event: unknown, contents: ContentsPort) => void): unknown
    on(event: 'open-file', listener: (event: Preventable, path: string) => void): unknown
    on(event: 'before-quit', listener: (event: Preventable) => void): unknown
    on(event: 'activate' | 'window-all-closed', listener: () => void): unknown
  }
  readonly BrowserWindow: new (options: WindowOptions) => WindowPort
  readonly Menu: { buildFromTemplate(template: MenuItem[]): unknown; setApplicationMenu(menu: never): void }
  readonly dialog: {
    showOpenDialog(options: {
      title: string
      filters?: { name: string; extensions: string[] }[]
      properties: ('openFile' | 'openDirectory' | 'createDirectory')[]
    }): Promise<{ canceled: boolean; filePaths: string[] }>
    showSaveDialog(options: {
      title: string
      defaultPath: string
      filters: { name: string; extensions: string[] }[]
    }): Promise<{ canceled: boolean; filePath: string }>
    showErrorBox(title: string, content: string): void
  }
  readonly ipcMain: { on(channel: string, listener: (event: IpcEvent, message: unknown) => void): unknown }
  readonly nativeTheme: { themeSource: Theme; readonly shouldUseDarkColors: boolean }
  readonly protocol: {
    registerSchemesAsPrivileged(
      schemes: { scheme: string; privileges: { standard: boolean; secure: boolean; supportFetchAPI: boolean } }[],
    ): void
    handle(scheme: string, handler: (request: { readonly url: string; readonly method: string }) => Response): void
  }
  readonly session: { readonly defaultSession: SessionPort }
  readonly utilityProcess: { readonly fork: UtilityFork }
}
