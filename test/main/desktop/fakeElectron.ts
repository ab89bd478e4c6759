/** Stands in for the calls of Electron that the port names, and keeps what was asked of it. */
import type {
  ContentsPort,
  ElectronPort,
  IpcEvent,
  MenuItem,
  NavigationEvent,
  Preventable,
  SessionPort,
  WindowOptions,
} from '../../../src-main/desktop/port.ts'

type Listener = (...args: never[]) => void

class Emitter {
  readonly listeners: Record<string, Listener[]> = {}
  on = (event: string, listener: Listener): unknown => (this.listeners[event] ??= []).push(listener)
  once = this.on
  emit(event: string, ...args: unknown[]): void {
    for (const listener of this.listeners[event] ?? []) listener(...(args as never[]))
  }
}

export class FakeContents extends Emitter implements ContentsPort {
  readonly id: number
  destroyed = false
  readonly sent: unknown[] = []
  openHandler: (() => { action: 'deny' }) | undefined
  constructor(id: number) {
    super()
    this.id = id
  }
  isDestroyed(): boolean {
    return this.destroyed
  }
  send(channel: string, message: unknown): void {
    // What cannot be cloned cannot cross to a window.
    this.sent.push([channel, structuredClone(message)])
  }
  setWindowOpenHandler(handler: () => { action: 'deny' }): void {
    this.openHandler = handler
  }
  /** True when the page was kept from going there. */
  navigate(event: string, url: string): boolean {
    let prevented = false
    this.emit(event, { url, preventDefault: () => (prevented = true) } satisfies NavigationEvent)
    return prevented
  }
}

interface FakeWindow extends Emitter {
  readonly options: WindowOptions
  readonly webContents: FakeContents
  readonly log: string[]
  minimized: boolean
}

export interface FakeElectron {
  readonly port: ElectronPort
  readonly app: Emitter
  readonly session: Emitter & { [Name in keyof SessionPort]?: unknown } & Record<string, unknown>
  readonly windows: FakeWindow[]
  readonly log: string[]
  readonly instanceData: unknown[]
  menu: MenuItem[]
  /** What the file dialogs answer next; null cancels. */
  chosen: string | null
  /** Sends a message to the host as a page would. */
  say(contents: FakeContents, message: unknown, frame?: IpcEvent['senderFrame']): void
  request(url: string, method?: string): Response
  /** Whether the network policy lets an address through. */
  allows(url: string): boolean
}

export function fakeElectron({ locked = false } = {}): FakeElectron {
  const app = new Emitter()
  const ipc = new Emitter()
  const log: string[] = []
  const windows: FakeWindow[] = []
  const instanceData: unknown[] = []
  const session = new Emitter() as Emitter & Record<string, unknown>
  let before: Parameters<SessionPort['webRequest']['onBeforeRequest']>[0] = () => undefined
  let serve: (request: { url: string; method: string }) => Response = () => new Response()

  class Window extends Emitter {
    readonly options: WindowOptions
    readonly webContents: FakeContents
    readonly log: string[] = []
    minimized = false
    constructor(options: WindowOptions) {
      super()
      this.options = options
      windows.push(this)
      this.webContents = new FakeContents(windows.length)
      app.emit('web-contents-created', {}, this.webContents)
    }
    async loadURL(url: string): Promise<void> {
      this.log.push(`load ${url}`)
    }
    show = (): unknown => this.log.push('show')
    focus = (): unknown => this.log.push('focus')
    restore = (): unknown => this.log.push('restore')
    isMinimized = (): boolean => this.minimized
  }

  const fake: FakeElectron = {
    app,
    session,
    windows,
    log,
    instanceData,
    menu: [],
    chosen: null,
    say(contents, message, frame = { url: 'app://heschl/index.html', parent: null }) {
      ipc.emit('heschl:rpc', { sender: contents, senderFrame: frame } satisfies IpcEvent, message)
    },
    request: (url, method = 'GET') => serve({ url, method }),
    allows(url) {
      let cancelled = true
      before({ url }, ({ cancel }) => (cancelled = cancel))
      return !cancelled
    },
    port: {
      app: Object.assign(app, {
        isPackaged: false,
        getVersion: () => '1.2.3',
        getAppPath: () => '/app',
        requestSingleInstanceLock(data: unknown) {
          instanceData.push(data)
          return !locked
        },
        whenReady: async () => void log.push('ready'),
        quit: () => log.push('quit'),
        exit: (code: number) => log.push(`exit ${code}`),
      }),
      BrowserWindow: Window,
      Menu: {
        buildFromTemplate: (template) => template,
        setApplicationMenu: (menu) => (fake.menu = menu),
      },
      dialog: {
        showOpenDialog: async () => ({ canceled: fake.chosen === null, filePaths: fake.chosen ? [fake.chosen] : [] }),
        showSaveDialog: async ({ defaultPath, filters }) => {
          log.push(`save ${defaultPath} as ${filters[0]?.extensions.join()}`)
          return { canceled: fake.chosen === null, filePath: fake.chosen ?? '' }
        },
        showErrorBox: (title, content) => log.push(`error ${title}: ${content}`),
      },
      ipcMain: ipc,
      nativeTheme: { themeSource: 'light', shouldUseDarkColors: true },
      protocol: {
        registerSchemesAsPrivileged: ([scheme]) => log.push(`scheme ${JSON.stringify(scheme)}`),
        handle: (_scheme, handler) => (serve = handler),
      },
      session: {
        defaultSession: Object.assign(session, {
          setPermissionRequestHandler: (handler: unknown) => (session.permissionRequest = handler),
          setPermissionCheckHandler: (handler: unknown) => (session.permissionCheck = handler),
          setDevicePermissionHandler: (handler: unknown) => (session.devicePermission = handler),
          webRequest: { onBeforeRequest: (listener: typeof before) => (before = listener) },
        }),
      },
      utilityProcess: {
        fork: (module, args, { serviceName }) => {
          log.push(`fork ${[module, ...args, serviceName].join(' ')}`)
          return { pid: 1, postMessage: () => undefined, on: () => undefined, kill: () => true }
        },
      },
    },
  }
  return fake
}

/** An event whose default was prevented, or not. */
export function preventable(): Preventable & { prevented: boolean } {
  return {
    prevented: false,
    preventDefault() {
      this.prevented = true
    },
  }
}
