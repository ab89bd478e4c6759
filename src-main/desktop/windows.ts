/** All windows of this Heschl. They share one engine; each has a study of its own, which its address names. */
import type { WindowLines } from './ipc.ts'
import type { ElectronPort, WindowPort } from './port.ts'
import { pageUrl } from './protocol.ts'
import { createWindow } from './window.ts'

export interface Windows {
  /** A new one on a study, or on the list of studies. */
  open(study: string | null): void
  /** The study in the window that had the focus last, or in a new one. */
  openHere(study: string): void
  /** Brings the window that had the focus last to the front, or opens one. */
  front(): void
}

/** A page asks its address at its start which study to open, so that a reload opens it again. */
const address = (study: string | null): string =>
  study === null ? pageUrl : `${pageUrl}?${new URLSearchParams({ study }).toString()}`

export function openWindows(electron: ElectronPort, preload: string, lines: WindowLines): Windows {
  /** The one that had the focus last comes last. */
  let windows: readonly WindowPort[] = []
  const without = (window: WindowPort) => windows.filter((each) => each !== window)
  function open(study: string | null): void {
    const window = createWindow(electron, preload)
    windows = [...windows, window]
    window.on('focus', () => (windows = [...without(window), window]))
    window.on('closed', () => (windows = without(window)))
    lines.connect(window.webContents)
    void window.loadURL(address(study))
  }
  return {
    open,
    openHere(study) {
      const window = windows.at(-1)
      if (window) void window.loadURL(address(study))
      else open(study)
    },
    front() {
      const window = windows.at(-1)
      if (!window) return open(null)
      if (window.isMinimized()) window.restore()
      window.focus()
    },
  }
}
