import type { ElectronPort, WindowOptions, WindowPort } from './port.ts'
import { pageUrl } from './protocol.ts'

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

export function openWindow(electron: ElectronPort, preload: string): WindowPort {
  const window = new electron.BrowserWindow(windowOptions(preload, electron.nativeTheme.shouldUseDarkColors))
  window.once('ready-to-show', () => window.show())
  void window.loadURL(pageUrl)
  return window
}
