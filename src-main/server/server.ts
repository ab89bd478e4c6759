/** Heschl in a browser: the built window over HTTP and its calls over a WebSocket, on the loopback interface alone. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { HeschlError } from '../errors.ts'
import type { EngineHandle } from '../jobs/engineHandle.ts'
import { createHost } from '../jobs/host/host.ts'
import { openKept } from '../jobs/host/kept.ts'
import { readStaticFiles, securityHeaders } from '../jobs/host/staticFiles.ts'
import type { StaticFiles } from '../jobs/host/staticFiles.ts'
import { createAccess } from './access.ts'
import type { Access } from './access.ts'
import { serveSocket } from './socket.ts'
import { maxMessageBytes } from './wire.ts'

export interface ServerOptions {
  readonly engine: EngineHandle
  /** The built window: `out/renderer`. */
  readonly distDir: string
  /** The user's own folder, for recent studies and jobs. */
  readonly stateDir: string
  readonly version: string
  /** A study that windows open at start. */
  readonly study?: string
  /** Any free one when not given. */
  readonly port?: number
}

export interface RunningServer {
  /** The page's address with its token. Whoever knows it can use this Heschl until it is closed. */
  readonly url: string
  close(): Promise<void>
}

const headSeconds = 10
const maximumConnections = 64
const maximumWindows = 16

/**
 * The engine stays its owner's: closing the server does not close it.
 *
 * @throws HeschlError FILE_MISSING when the window has not been built; OPTION_INVALID when the port is taken
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const files = await readStaticFiles(options.distDir)
  const server = createServer({ headersTimeout: headSeconds * 1000, requestTimeout: headSeconds * 1000 })
  server.maxConnections = maximumConnections
  const port = await listen(server, options.port ?? 0)
  const kept = openKept(options.stateDir, options.engine)
  const host = createHost(options.engine, kept, {
    host: 'browser',
    version: options.version,
    study: () => options.study ?? null,
  })
  const access = createAccess(port)
  const headers = securityHeaders([`ws://127.0.0.1:${port}`, `ws://localhost:${port}`])
  server.on('request', (request, response) => serveFile(files, access, headers, request, response))

  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false })
  server.on('upgrade', (request, stream: Duplex, head) => {
    if (!access.upgradeAllowed(request)) return refuse(stream, '403 Forbidden')
    if (sockets.clients.size >= maximumWindows) return refuse(stream, '503 Service Unavailable')
    sockets.handleUpgrade(request, stream, head, (socket) => serveSocket(host, socket))
  })
  return {
    url: `http://127.0.0.1:${port}/#token=${access.token}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets.clients) socket.close(1001, 'Heschl is closing')
      // A window that does not answer the closing handshake must not keep the process alive, nor a connection that a browser
      // opened in advance and never used, which does not count as idle.
      const late = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        server.closeAllConnections()
      }, 500)
      server.closeIdleConnections()
      await closed
      await kept.history.close()
      clearTimeout(late)
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE' || cause.code === 'EACCES'
          ? new HeschlError('OPTION_INVALID', `Port ${port} cannot be used`, {
              found: cause.code === 'EACCES' ? 'a port that needs permission' : 'another program on it',
              remedy: 'Choose another with --port, or none to take any free one',
              cause,
            })
          : cause,
      )
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve((server.address() as AddressInfo).port))
  })
}

function serveFile(
  files: StaticFiles,
  access: Access,
  headers: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const answer = (status: number, extra: Readonly<Record<string, string>>, body: string | Uint8Array): void => {
    response.writeHead(status, { ...headers, ...extra, 'Content-Length': Buffer.byteLength(body) })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  const refusal = (status: number, text: string): void =>
    answer(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }, text)
  // A body that nobody asked for is not read.
  if (request.headers['content-length'] ?? request.headers['transfer-encoding']) response.shouldKeepAlive = false
  if (!access.hostAllowed(request)) return refusal(421, 'This address is not served here\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'GET and HEAD alone\n')
  const file = files((request.url ?? '').replace(/[?#].*$/s, ''))
  if (!file) return refusal(404, 'There is no such file\n')
  const cache = file.immutable ? 'max-age=31536000, immutable' : 'no-cache'
  answer(200, { 'Content-Type': file.type, 'Cache-Control': cache }, file.bytes)
}

function refuse(stream: Duplex, status: string): void {
  stream.on('error', () => stream.destroy())
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => stream.destroy())
}
