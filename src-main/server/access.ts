/** Who may talk to the server: this machine's own browser, on the page that was given the token. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Access {
  /** 64 hexadecimal digits, new at every start. */
  readonly token: string
  /** False for a request that reached us under another name (DNS rebinding). */
  hostAllowed(request: IncomingMessage): boolean
  /** True for our own page with the right token. */
  upgradeAllowed(request: IncomingMessage): boolean
}

export function createAccess(port: number): Access {
  const token = randomBytes(32).toString('hex')
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
  const origins = new Set([...hosts].map((host) => `http://${host}`))
  const hostAllowed = (request: IncomingMessage): boolean => hosts.has(request.headers.host ?? '')
  return {
    token,
    hostAllowed,
    upgradeAllowed(request) {
      if (!hostAllowed(request) || !origins.has(request.headers.origin ?? '')) return false
      const url = URL.parse(request.url ?? '', 'http://127.0.0.1')
      return url !== null && url.pathname === '/rpc' && same(url.searchParams.get('token') ?? '', token)
    },
  }
}

/** Takes the same time wherever the first difference is. */
function same(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}
