/** What a sandboxed window is given of Electron: messages to its host and back, nothing else. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { channel } from './channel.ts'

contextBridge.exposeInMainWorld('heschl', {
  post: (message: unknown): void => ipcRenderer.send(channel, message),
  onMessage: (listener: (message: unknown) => void): (() => void) => {
    const receive = (_event: unknown, message: unknown): void => listener(message)
    ipcRenderer.on(channel, receive)
    return () => void ipcRenderer.off(channel, receive)
  },
  /** Where a file or folder lies that was dropped on the page. */
  pathOf: (file: File): string => webUtils.getPathForFile(file),
})
