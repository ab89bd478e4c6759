import { createClient, type HostClient } from './client.ts'
import { knownToken, socketTransport, socketUrl, takeToken } from './socket.ts'
import { electronTransport, type ElectronBridge } from './transport.ts'

export { describeFailure, Failure } from './failure.ts'
export type { ConnectionState } from './transport.ts'

declare global {
  interface Window {
    /** Present under Electron. */
    readonly heschl?: ElectronBridge
  }
}

let client: HostClient | undefined

/** The window's one host. */
export function useHost(): HostClient {
  client ??= createClient(window.heschl ? electronTransport(window.heschl) : browserTransport())
  return client
}

function browserTransport() {
  const token = takeToken(window.location, window.sessionStorage, window.history)
  return socketTransport(token === null ? null : socketUrl(window.location, token))
}

/** The path of what was dropped on the page; empty in a browser, which does not tell it. */
export const droppedPath = (file: File): string => window.heschl?.pathOf(file) ?? ''

/** The study that this window's address names, so that a reload opens it again; null where it names none. */
export const addressStudy = (): string | null => new URLSearchParams(window.location.search).get('study')

/** Puts the study that is open into the window's address. */
export function putAddressStudy(study: string | null): void {
  const wanted = study === null ? '' : `?${new URLSearchParams({ study }).toString()}`
  if (window.location.search !== wanted) window.history.replaceState(null, '', window.location.pathname + wanted)
}

/** A browser's address for another window on the same engine. */
export function windowAddress(study: string | null): string {
  const token = knownToken(window.sessionStorage)
  const search = study === null ? '' : `?${new URLSearchParams({ study }).toString()}`
  return window.location.pathname + search + (token === null ? '' : `#${new URLSearchParams({ token }).toString()}`)
}
