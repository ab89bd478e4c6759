/** A second window without a page: asks the same host the same questions, to check by what a page shows. */
import { once } from 'node:events'
import { decode, encode } from '@msgpack/msgpack'
import { WebSocket } from 'ws'
import type { Argument, ProcedureName, Results } from '../../src-main/contract/procedures.ts'
import { windowCodec } from '../main/server/windowCodec.ts'

export interface Client {
  call<Name extends ProcedureName>(name: Name, argument: Argument<Name>): Promise<Results[Name]>
  close(): void
}

export async function connect(url: string): Promise<Client> {
  const { host, origin, hash } = new URL(url)
  const socket = new WebSocket(`ws://${host}/rpc?token=${hash.slice('#token='.length)}`, {
    headers: { Origin: origin },
  })
  await once(socket, 'open')
  let last = 0
  const waiting = new Map<string, (message: { r?: unknown; e?: unknown }) => void>()
  socket.on('message', (data: Buffer) => {
    const message = decode(data, { extensionCodec: windowCodec }) as { i?: string; r?: unknown; e?: unknown }
    if (message.i !== undefined) waiting.get(message.i)?.(message)
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
    close: () => socket.close(),
  }
}
