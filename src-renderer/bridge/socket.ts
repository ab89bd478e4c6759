import type { ConnectionState, Transport } from './transport.ts'
import { decodeMessage, encodeMessage } from './wire.ts'

const firstDelay = 250
const longestDelay = 8_000

/** Milliseconds before attempt number `attempt` (0, 1, …) to reconnect: doubling, at most 8 s. */
export const reconnectDelay = (attempt: number) => Math.min(longestDelay, firstDelay * 2 ** Math.min(attempt, 16))

const tokenKey = 'heschl-token'

/**
 * The token is in the address' fragment, which browsers do not send anywhere. It moves to the tab's own storage, so that
 * a reload works and the address bar can be shown to others.
 */
export function takeToken(location: Location, storage: Storage, history: History): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return storage.getItem(tokenKey)
  storage.setItem(tokenKey, token)
  history.replaceState(null, '', location.pathname + location.search)
  return token
}

export const knownToken = (storage: Storage): string | null => storage.getItem(tokenKey)

export function socketUrl({ protocol, host }: Location, token: string): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/rpc?token=${encodeURIComponent(token)}`
}

export function socketTransport(url: string | null): Transport {
  const messageListeners: ((message: unknown) => void)[] = []
  const stateListeners: ((state: ConnectionState) => void)[] = []
  let state: ConnectionState = url === null ? 'refused' : 'connecting'
  let socket: WebSocket | null = null
  let attempt = 0

  function become(next: ConnectionState) {
    if (state === next) return
    state = next
    for (const listener of stateListeners) listener(next)
  }

  function connect(address: string) {
    const own = new WebSocket(address)
    socket = own
    own.binaryType = 'arraybuffer'
    own.onopen = () => {
      attempt = 0
      become('open')
    }
    own.onmessage = ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return
      let message: unknown
      try {
        message = decodeMessage(data)
      } catch {
        // Not a Heschl that this window understands; a new connection starts from a clean frame.
        own.close()
        return
      }
      for (const listener of messageListeners) listener(message)
    }
    own.onclose = () => {
      become('lost')
      setTimeout(() => connect(address), reconnectDelay(attempt++))
    }
  }

  if (url !== null) connect(url)
  return {
    get state() {
      return state
    },
    post: (message) => socket?.send(encodeMessage(message)),
    onMessage: (listener) => void messageListeners.push(listener),
    onState: (listener) => void stateListeners.push(listener),
  }
}
