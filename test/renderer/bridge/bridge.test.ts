import { createBirpc } from 'birpc'
import { describe, expect, test } from 'vitest'
import type { Job } from '../../../src-main/contract/study.ts'
import { createClient } from '../../../src-renderer/bridge/client.ts'
import { describeFailure, Failure } from '../../../src-renderer/bridge/failure.ts'
import { reconnectDelay, socketUrl, takeToken } from '../../../src-renderer/bridge/socket.ts'
import type { ConnectionState, Transport } from '../../../src-renderer/bridge/transport.ts'
import { decodeMessage, encodeMessage } from '../../../src-renderer/bridge/wire.ts'

describe('wire', () => {
  test('typed arrays arrive as they were sent, wherever they lie in their buffer', () => {
    const message = {
      a: Float32Array.of(1.5, NaN, -0, Infinity).subarray(1),
      b: Float64Array.of(Math.PI),
      c: Uint32Array.of(0xffffffff),
      d: Uint16Array.of(65535, 1),
      e: Uint8Array.of(1, 2, 255),
      f: [null, true, 'é😀', -7, 2 ** 40],
    }
    const back = decodeMessage(encodeMessage(message).slice().buffer) as typeof message
    expect(back).toEqual(message)
    for (const key of ['a', 'b', 'c', 'd', 'e'] as const) expect(back[key].constructor).toBe(message[key].constructor)
  })
  test('bytes that are not MessagePack are an error, not a value', () => {
    expect(() => decodeMessage(Uint8Array.of(0xc1).buffer)).toThrow()
    expect(() => decodeMessage(new ArrayBuffer(0))).toThrow()
    // An array that announces 4 billion elements and holds none.
    expect(() => decodeMessage(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff).buffer)).toThrow()
  })
})

/** A transport in memory with a real birpc peer at its other end; messages cross it as encoded bytes. */
function pair(answer: (name: string, argument: unknown) => unknown) {
  const toWindow: ((message: unknown) => void)[] = []
  const states: ((state: ConnectionState) => void)[] = []
  let receive: (message: unknown) => void = () => undefined
  let state: ConnectionState = 'connecting'
  const across = (message: unknown) => decodeMessage(encodeMessage(message).slice().buffer)
  const host = createBirpc<{ event(name: string, payload: unknown): void }>(
    { call: async (name: string, argument: unknown) => answer(name, argument) },
    {
      post: (message) => toWindow.forEach((listener) => listener(across(message))),
      on: (listener) => void (receive = listener),
    },
  )
  const transport: Transport = {
    get state() {
      return state
    },
    post: (message) => queueMicrotask(() => receive(across(message))),
    onMessage: (listener) => void toWindow.push(listener),
    onState: (listener) => void states.push(listener),
  }
  const become = (next: ConnectionState) => {
    state = next
    for (const listener of states) listener(next)
  }
  return { host, become, client: createClient(transport) }
}

describe('client', () => {
  test('a call waits for the first connection, and gives the host’s answer', async () => {
    const { client, become } = pair((name, argument) => ({ name, argument }))
    const answer = client.call('surface', { study: 'a' })
    become('open')
    expect(await answer).toEqual({ name: 'surface', argument: { study: 'a' } })
  })
  test('a rejection is a Failure in the host’s own words', async () => {
    const said = {
      code: 'FILE_MISSING',
      summary: 'A file is missing',
      message: 'A file is missing',
      remedy: 'Check the path',
    }
    const { client, become } = pair(() => {
      // A host rejects with a plain object: an Error would lose its message on the way.
      throw said as unknown as Error
    })
    become('open')
    const thrown = await client.call('openStudy', { path: '/none' }).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(Failure)
    expect((thrown as Failure).error).toEqual(said)
  })
  test('what is pending when the connection drops fails, and so does what is asked while it is gone', async () => {
    const { client, become } = pair(() => new Promise(() => undefined))
    become('open')
    const pending = client.call('hello', {})
    await Promise.resolve()
    become('lost')
    await expect(pending).rejects.toThrow('connection')
    await expect(client.call('hello', {})).rejects.toThrow('connection')
  })
  test('events reach their listeners alone', async () => {
    const { client, host, become } = pair(() => null)
    become('open')
    const jobs: Job[] = []
    client.on('job', (job) => jobs.push(job))
    await host.event.asEvent('studyChanged', { study: 'a' })
    await host.event.asEvent('job', { id: 'j' })
    await host.event.asEvent('unheard-of', {})
    expect(jobs).toEqual([{ id: 'j' }])
  })
})

describe('the way to the host', () => {
  const location = (hash: string) =>
    ({ hash, pathname: '/', search: '', protocol: 'http:', host: '127.0.0.1:4321' }) as Location
  const memory = () => {
    const kept = new Map<string, string>()
    return {
      kept,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    }
  }
  test('the token leaves the address bar and survives a reload', () => {
    const storage = memory() as unknown as Storage
    const shown: unknown[] = []
    const history = {
      replaceState: (_: unknown, __: string, url: string) => void shown.push(url),
    } as unknown as History
    expect(takeToken(location('#token=a%2Fb'), storage, history)).toBe('a/b')
    expect(shown).toEqual(['/'])
    expect(takeToken(location(''), storage, history)).toBe('a/b')
    expect(takeToken(location(''), memory() as unknown as Storage, history)).toBeNull()
  })
  test('the socket is the page’s own host', () => {
    expect(socketUrl(location(''), 'a/b')).toBe('ws://127.0.0.1:4321/rpc?token=a%2Fb')
  })
  test('attempts to reconnect back off to 8 s', () => {
    expect([0, 1, 2, 5, 6, 1000].map(reconnectDelay)).toEqual([250, 500, 1000, 8000, 8000, 8000])
  })
})

test('whatever is thrown is said in words, without a stack', () => {
  expect(describeFailure(new TypeError('x is not a function'))).toEqual({
    code: 'INTERNAL',
    summary: 'Something went wrong in the window: x is not a function',
    message: 'x is not a function',
  })
  expect(describeFailure('gone').message).toBe('gone')
})
