/** The windows' line to the host: one channel, and only our own page's main frame is heard on it. */
import type { Host } from '../jobs/host/host.ts'
import { serveWindow } from '../jobs/host/serveWindow.ts'
import { channel } from './channel.ts'
import type { ContentsPort, ElectronPort } from './port.ts'
import { isOurs } from './protocol.ts'

type Listener = (message: unknown) => void

export interface WindowLines {
  /** Serves a window until it is destroyed. */
  connect(contents: ContentsPort): void
}

export function openLines(ipcMain: ElectronPort['ipcMain'], host: Host): WindowLines {
  const listeners = new Map<number, Listener>()
  ipcMain.on(channel, ({ sender, senderFrame }, message) => {
    if (senderFrame === null || senderFrame.parent !== null || !isOurs(senderFrame.url)) return
    listeners.get(sender.id)?.(message)
  })
  return {
    connect(contents) {
      const stop = serveWindow(host, {
        post(message) {
          if (!contents.isDestroyed()) contents.send(channel, message)
        },
        listen(listener) {
          listeners.set(contents.id, listener)
          return () => listeners.delete(contents.id)
        },
        // Structured clone has no frames to be out of step with, so the line goes on with the next message.
        malformed: () => undefined,
      })
      contents.once('destroyed', stop)
    },
  }
}
