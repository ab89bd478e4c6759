/** The host as typed calls and events, over whichever transport there is. */
import { createBirpc } from 'birpc'
import type { Argument, Events, ProcedureName, Results } from '../../src-main/contract/procedures.ts'
import { connectionLost, describeFailure, Failure } from './failure.ts'
import type { ConnectionState, Transport } from './transport.ts'

export interface HostClient {
  /** @throws Failure with what the host said */
  call<Name extends ProcedureName>(name: Name, argument: Argument<Name>): Promise<Results[Name]>
  on<Name extends keyof Events>(name: Name, listener: Events[Name]): void
  onConnection(listener: (state: ConnectionState) => void): void
  readonly connection: ConnectionState
}

interface HostFunctions {
  call(name: string, argument: unknown): Promise<unknown>
}

export function createClient(transport: Transport): HostClient {
  const listeners = new Map<string, ((payload: never) => void)[]>()
  const local = {
    event: (name: string, payload: unknown) => {
      for (const listener of listeners.get(name) ?? []) listener(payload as never)
    },
  }
  const rpc = createBirpc<HostFunctions, typeof local>(local, {
    post: (message: unknown) => transport.post(message),
    on: (listener) => transport.onMessage(listener),
    // A figure's save dialog may stay open for as long as its user likes.
    timeout: -1,
  })
  transport.onState((state) => {
    if (state !== 'open') void rpc.$rejectPendingCalls(({ reject }) => reject(connectionLost()))
  })
  return {
    get connection() {
      return transport.state
    },
    async call(name, argument) {
      if (transport.state === 'connecting') await new Promise<void>((resolve) => transport.onState(() => resolve()))
      if (transport.state !== 'open') throw connectionLost()
      try {
        return (await rpc.call(name, argument)) as never
      } catch (thrown) {
        throw new Failure(describeFailure(thrown))
      }
    },
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener])
    },
    onConnection: (listener) => transport.onState(listener),
  }
}
