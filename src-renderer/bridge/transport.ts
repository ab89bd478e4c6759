/** A way to a host: Electron's preload, or a WebSocket that comes back by itself. */

/** `refused`: the page has no token, so there is nothing to wait for. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused'

export interface Transport {
  /** Only called while open. */
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  onState(listener: (state: ConnectionState) => void): void
  readonly state: ConnectionState
}

/** What the preload script exposes. */
export interface ElectronBridge {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): () => void
  /** Where a file or folder lies that was dropped on the page. */
  pathOf(file: File): string
}

export function electronTransport(bridge: ElectronBridge): Transport {
  return {
    state: 'open',
    post: (message) => bridge.post(message),
    onMessage: (listener) => void bridge.onMessage(listener),
    onState: () => undefined,
  }
}
