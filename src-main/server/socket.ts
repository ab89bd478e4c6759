/** One window's WebSocket: its messages, its heartbeat, its end. */
import type { WebSocket } from 'ws'
import type { Host } from '../jobs/host/host.ts'
import { serveWindow } from '../jobs/host/serveWindow.ts'
import { decodeMessage, encodeMessage } from './wire.ts'

const heartbeatMilliseconds = 30_000
/** What may wait for a window that does not read. It is cut off then; a live one reconnects and asks again. */
const maxWaitingBytes = 512 * 1024 * 1024

export function serveSocket(host: Host, socket: WebSocket): void {
  let alive = true
  socket.on('pong', () => (alive = true))
  const heartbeat = setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, heartbeatMilliseconds)

  const stop = serveWindow(host, {
    post(message) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > maxWaitingBytes) return socket.terminate()
      socket.send(encodeMessage(message), { binary: true })
    },
    listen(listener) {
      const receive = (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): void => {
        if (!isBinary || !(data instanceof Uint8Array)) return socket.close(1003, 'binary frames alone')
        let message: unknown
        try {
          message = decodeMessage(data)
        } catch {
          return socket.close(1007, 'not MessagePack')
        }
        listener(message)
      }
      socket.on('message', receive)
      return () => socket.off('message', receive)
    },
    malformed: () => socket.close(1008, 'not a call'),
  })

  socket.on('close', () => {
    clearInterval(heartbeat)
    stop()
  })
  // ws closes the socket after an error of its own (a frame beyond the limit, a bad frame); `close` follows.
  socket.on('error', () => undefined)
}
