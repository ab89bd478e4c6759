/** One window's line to its host: birpc, with `call` towards the host and `event` towards the window. */
import { createBirpc } from 'birpc'
import { z } from 'zod'
import { HeschlError } from '../../errors.ts'
import type { EventName, EventPayload, Host } from './host.ts'

/** A transport: a WebSocket's frames, or an Electron channel. */
export interface Channel {
  /** Sends one message; may throw when the window is gone. */
  post(message: unknown): void
  /** Hears every message, already decoded; gives a function that stops listening. */
  listen(listener: (message: unknown) => void): () => void
  /** Called for a message that is not a call: the window is broken or is not ours. */
  malformed(reason: string): void
}

interface WindowFunctions {
  event(name: EventName, payload: EventPayload): void
}

/** All that a window may send. */
const callMessage = z.object({
  t: z.literal('q'),
  i: z.string().min(1).max(64),
  m: z.literal('call'),
  a: z.tuple([z.string().max(64), z.unknown()]),
})

/** Answers one window until the function it gives is called. */
export function serveWindow(host: Host, channel: Channel): () => void {
  let stopListening: () => void = () => undefined
  const functions = { call: (name: string, argument: unknown) => host.call(name, argument) }
  const rpc = createBirpc<WindowFunctions, typeof functions>(functions, {
    post: (message: unknown) => channel.post(message),
    on: (receive) => {
      stopListening = channel.listen((message) => {
        const parsed = callMessage.safeParse(message)
        if (parsed.success) receive(parsed.data)
        else channel.malformed(z.prettifyError(parsed.error))
      })
    },
    off: () => stopListening(),
    // What crosses to a window is an error's data: an Error's own fields do not survive every transport.
    serialize: (message: { e?: unknown }) =>
      message.e instanceof Error ? { ...message, e: HeschlError.from(message.e).serialize() } : message,
    // An answer that cannot be sent (the window closed in the meantime) has nobody to hear of it.
    onGeneralError: () => true,
  })
  const stopEvents = host.onEvent((name, payload) => void rpc.event.asEvent(name, payload))
  return () => {
    stopEvents()
    rpc.$close()
  }
}
