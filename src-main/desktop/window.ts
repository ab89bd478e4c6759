import type { ElectronPort, WindowOptions, WindowPort } from './port.ts'

/** A window that shares nothing with Node: sandboxed, isolated, and without web views. */
function windowOptions(preload: string, dark: boolean): WindowOptions {
  return {
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 640,
    // Shown once it has drawn itself, so that it never flashes empty.
    show: false,
    title: 'Heschl',
    backgroundColor: dark ? '#101216' : '#ffffff',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  }
}

/** Shown when its page has drawn itself; the caller loads that. */
export function createWindow(electron: ElectronPort, preload: string): WindowPort {
  const window = new electron.BrowserWindow(windowOptions(preload, electron.nativeTheme.shouldUseDarkColors))
  window.once('ready-to-show', () => window.show())
  return window
}
