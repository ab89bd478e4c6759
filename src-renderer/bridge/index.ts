import { createClient, type HostClient } from './client.ts'
import { socketTransport, socketUrl, takeToken } from './socket.ts'
import { electronTransport, type ElectronBridge } from './transport.ts'

export { describeFailure } from './failure.ts'
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
