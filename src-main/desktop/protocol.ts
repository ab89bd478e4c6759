/** The window's own address. It is served from memory with the same headers as in a browser. */
import { securityHeaders } from '../jobs/host/staticFiles.ts'
import type { StaticFiles } from '../jobs/host/staticFiles.ts'

export const scheme = 'app'
export const pageUrl = `${scheme}://heschl/`

const headers = securityHeaders([])

/** Answers one request of the `app:` scheme. */
export function answerRequest(
  files: StaticFiles,
  request: { readonly url: string; readonly method: string },
): Response {
  const url = URL.parse(request.url)
  const file = url?.host === 'heschl' && request.method === 'GET' ? files(url.pathname) : undefined
  if (!file) return new Response('There is no such file\n', { status: 404, headers: { ...headers } })
  return new Response(file.bytes, { headers: { ...headers, 'Content-Type': file.type, 'Cache-Control': 'no-cache' } })
}

/** True for our page, false for every other address and for what is no address. */
export function isOurs(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && parsed.protocol === `${scheme}:` && parsed.host === 'heschl'
}
