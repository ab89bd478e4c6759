/** A second window without a page: asks the same host the same questions, to check by what a page shows. */
import { once } from 'node:events'
import { decode, encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import type { Argument, ProcedureName, Results } from '../../src-main/contract/procedures.ts'
import type { Job } from '../../src-main/contract/study.ts'
import { windowCodec } from '../main/server/windowCodec.ts'

interface Message {
  readonly t?: string
  readonly i?: string
  readonly a?: readonly unknown[]
  readonly r?: unknown
  readonly e?: unknown
}

export interface Client {
  call<Name extends ProcedureName>(name: Name, argument: Argument<Name>): Promise<Results[Name]>
  /** The first job that the host tells of from now on and that is so. */
  job(isSo: (job: Job) => boolean): Promise<Job>
  close(): void
}

export async function connect(url: string): Promise<Client> {
  const { host, origin, hash } = new URL(url)
  const socket = new WebSocket(`ws://${host}/rpc?token=${hash.slice('#token='.length)}`, {
    headers: { Origin: origin },
  })
  await once(socket, 'open')
  let last = 0
  const listeners = new Set<(name: unknown, payload: unknown) => void>()
  const waiting = new Map<string, (message: { r?: unknown; e?: unknown }) => void>()
  socket.on('message', (data: Buffer) => {
    const message = decode(data, { extensionCodec: windowCodec }) as Message
    if (message.t === 'q') for (const listener of listeners) listener(message.a?.[0], message.a?.[1])
    else if (message.i !== undefined) waiting.get(message.i)?.(message)
  })
  return {
    async call(name, argument) {
      const id = `client-${++last}`
      const answered = new Promise<{ r?: unknown; e?: unknown }>((resolve) => waiting.set(id, resolve))
      socket.send(encode({ t: 'q', i: id, m: 'call', a: [name, argument] }))
      const { r, e } = await answered
      waiting.delete(id)
      if (e !== undefined) throw new Error(JSON.stringify(e))
      return r as never
    },
    job: (isSo) =>
      new Promise((resolve) => {
        const listener = (name: unknown, payload: unknown) => {
          if (name !== 'job' || !isSo(payload as Job)) return
          listeners.delete(listener)
          resolve(payload as Job)
        }
        listeners.add(listener)
      }),
    close: () => socket.close(),
  }
}
