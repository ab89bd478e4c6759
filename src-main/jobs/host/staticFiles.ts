/** The built window's files and the headers they are served with, by the browser host and by Electron alike. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { HeschlError } from '../../errors.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  /** Its name holds a hash of its content, so that it may be kept for ever. */
  readonly immutable: boolean
}

/** Gives the file of a URL's path (`/assets/index-1a2b.js`; `/` is the page), or undefined. */
export type StaticFiles = (path: string) => StaticFile | undefined

/**
 * Reads the whole folder (a few megabytes) into memory once. A path is looked up among the files that were there, so
 * no request can name anything else, whatever it holds.
 *
 * @param folder `out/renderer`
 * @throws HeschlError FILE_MISSING when the window has not been built
 */
export async function readStaticFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const type = types[extname(entry.name).toLowerCase()]
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const path = `/${relative(folder, file).replaceAll('\\', '/')}`
    files.set(path, {
      bytes: new Uint8Array(await readFile(file)),
      type,
      immutable: /^\/assets\/.+-[\w-]{8}\.\w+$/.test(path),
    })
  }
  if (!files.has('/index.html')) {
    throw new HeschlError('FILE_MISSING', 'The window has not been built', {
      expected: 'index.html',
      where: { file: folder },
      remedy: 'Run `npm run build`',
    })
  }
  return (path) => files.get(path === '/' ? '/index.html' : path)
}

/**
 * Content security policy and its companions. Nothing comes from elsewhere, nothing is evaluated, no page may hold
 * this one in a frame.
 *
 * @param connect where scripts may connect to beside the page's own origin
 */
export function securityHeaders(connect: readonly string[]): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "font-src 'self'",
      "img-src 'self' data: blob:",
      `connect-src ${["'self'", ...connect].join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), usb=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }
}
