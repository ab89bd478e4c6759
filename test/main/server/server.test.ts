import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startServer } from '../../../src-main/server/server.ts'
import type { RunningServer } from '../../../src-main/server/server.ts'
import { decodeMessage, encodeMessage } from '../../../src-main/server/wire.ts'
import { scriptedEngine } from './scriptedEngine.ts'

/** A busy machine may need longer than vitest's second. */
const patient = { timeout: 20_000 }

let folder: string
let server: RunningServer
let port: number
let token: string
const engine = scriptedEngine()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-server-'))
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true })
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>Heschl</title>')
  await writeFile(join(folder, 'dist', 'assets', 'index-a1B2c3D4.js'), 'export {}')
  await writeFile(join(folder, 'dist', 'notes.unknown'), 'not served')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  server = await startServer({
    engine,
    distDir: join(folder, 'dist'),
    stateDir: join(folder, 'state'),
    version: '0.0.0-test',
    study: '/studies/a/study.yaml',
  })
  const url = new URL(server.url)
  port = Number(url.port)
  token = url.hash.slice('#token='.length)
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** Sends the path as it is: `fetch` and `URL` would tidy it. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    request.on('error', reject).end()
  })
}

function open(given = token, headers: Record<string, string> = {}, path = '/rpc'): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}${path}?token=${given}`, {
    headers: { Origin: `http://127.0.0.1:${port}`, ...headers },
  })
}

/** The status with which an upgrade was refused; 101 when it was not. */
function upgradeStatus(socket: WebSocket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })
}

interface Answer {
  t: string
  i: string
  r?: unknown
  e?: Record<string, unknown>
  m?: string
  a?: unknown[]
}

async function ask(socket: WebSocket, name: string, argument: unknown): Promise<Answer> {
  const id = `id-${Math.random()}`
  socket.send(encodeMessage({ t: 'q', i: id, m: 'call', a: [name, argument] }))
  for (;;) {
    const [data] = (await once(socket, 'message')) as [Buffer]
    const answer = decodeAnswer(data)
    if (answer.i === id) return answer
  }
}

/** The window's side has no limits on sizes, so the test decodes with its own decoder where arrays are expected. */
function decodeAnswer(data: Buffer): Answer {
  return decodeMessage(data) as Answer
}

async function connected(): Promise<WebSocket> {
  const socket = open()
  await once(socket, 'open')
  return socket
}

describe('files', () => {
  test('the page comes with a policy that lets nothing in from elsewhere', async () => {
    const page = await get('/')
    expect(page.status).toBe(200)
    expect(page.body).toContain('<title>Heschl</title>')
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['cache-control']).toBe('no-cache')
    expect(page.headers['x-content-type-options']).toBe('nosniff')
    expect(page.headers['referrer-policy']).toBe('no-referrer')
    expect(page.headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(page.headers['cross-origin-resource-policy']).toBe('same-origin')
    const policy = page.headers['content-security-policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain(`ws://127.0.0.1:${port}`)
    expect(policy).not.toMatch(/unsafe|\*/)
  })

  test('a file named by its content may be kept', async () => {
    const script = await get('/assets/index-a1B2c3D4.js')
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(script.headers['cache-control']).toBe('max-age=31536000, immutable')
  })

  test('HEAD gives the length and no body', async () => {
    const head = await get('/', {}, 'HEAD')
    expect([head.status, head.body]).toEqual([200, ''])
    expect(Number(head.headers['content-length'])).toBeGreaterThan(10)
  })

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/./index.html/../../secret.txt',
    '/assets',
    '/assets/',
    '/notes.unknown',
    '/%00',
    '/__proto__',
  ])('nothing but the built files: %s', async (path) => {
    const reply = await get(path)
    expect(reply.status).toBe(404)
    expect(reply.body).not.toContain('secret')
    expect(reply.headers['content-security-policy']).toContain("default-src 'none'")
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused', async (method) => {
    expect((await get('/', {}, method)).status).toBe(405)
  })

  test.each(['evil.example', `evil.example:80`, '127.0.0.1', '127.0.0.1:1', `[::1]:1`])(
    'another Host is refused: "%s"',
    async (host) => {
      const reply = await get('/', { Host: host })
      expect([400, 421]).toContain(reply.status)
      expect(reply.body).not.toContain('Heschl')
    },
  )

  test('no Host at all is refused', async () => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.end('GET / HTTP/1.0\r\n\r\n')
    let reply = ''
    socket.on('data', (piece) => (reply += piece.toString('latin1')))
    await once(socket, 'close')
    expect(reply).toMatch(/^HTTP\/1\.1 421 /)
  })

  test('localhost is the same machine', async () => {
    expect((await get('/', { Host: `localhost:${port}` })).status).toBe(200)
  })

  test('it listens on the loopback interface alone', async () => {
    // Another loopback address reaches only a server that listens on every interface.
    const socket = connect({ host: '127.0.0.2', port, timeout: 2000 })
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => 'connected'),
      once(socket, 'timeout').then(() => 'refused'),
      once(socket, 'error').then(() => 'refused'),
    ]).catch(() => 'refused')
    socket.destroy()
    expect(outcome).toBe('refused')
  })
})

describe('who may call', () => {
  test('our page with the token', async () => {
    expect(await upgradeStatus(open())).toBe(101)
    expect(await upgradeStatus(open(token, { Host: `localhost:${port}`, Origin: `http://localhost:${port}` }))).toBe(
      101,
    )
  })

  test.each([
    ['no token', ''],
    ['a wrong token', '0'.repeat(64)],
    ['a token of another length', 'abc'],
    ['a token and more', 'PLUS'],
  ])('%s is refused', async (_what, given) => {
    expect(await upgradeStatus(open(given === 'PLUS' ? `${token}0` : given))).toBe(403)
  })

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1', ''])(
    'another origin is refused: "%s"',
    async (origin) => {
      expect(await upgradeStatus(open(token, { Origin: origin }))).toBe(403)
    },
  )

  test('no origin at all is refused', async () => {
    expect(await upgradeStatus(new WebSocket(`ws://127.0.0.1:${port}/rpc?token=${token}`))).toBe(403)
  })

  test('another Host is refused with the right token', async () => {
    expect(await upgradeStatus(open(token, { Host: 'evil.example' }))).toBe(403)
  })

  test('another path is refused', async () => {
    expect(await upgradeStatus(open(token, {}, '/other'))).toBe(403)
  })

  test('more windows than anyone has are refused until one closes', async () => {
    const windows = await Promise.all(Array.from({ length: 16 }, connected))
    expect(await upgradeStatus(open())).toBe(503)
    windows[0].close()
    await once(windows[0], 'close')
    await expect.poll(async () => upgradeStatus(open()), patient).toBe(101)
    await Promise.all(windows.slice(1).map((window) => (window.close(), once(window, 'close'))))
  })

  test('tokens are never used twice', async () => {
    const other = await startServer({ engine, distDir: join(folder, 'dist'), stateDir: folder, version: '1' })
    expect(new URL(other.url).hash).toMatch(/^#token=[0-9a-f]{64}$/)
    expect(new URL(other.url).hash).not.toBe(`#token=${token}`)
    await other.close()
  })
})

test('closing does not wait for a connection that never asked for anything', async () => {
  const other = await startServer({ engine, distDir: join(folder, 'dist'), stateDir: folder, version: '1' })
  // As a browser opens in advance, to be quicker with the next file.
  const unused = connect(Number(new URL(other.url).port), '127.0.0.1').on('error', () => undefined)
  await once(unused, 'connect')
  const ended = once(unused, 'close')
  await other.close()
  await ended
}, 20_000)

describe('calls', () => {
  test('hello names the host and the study given at start', async () => {
    const socket = await connected()
    const answer = await ask(socket, 'hello', {})
    expect(answer.r).toEqual({
      host: 'browser',
      version: '0.0.0-test',
      study: '/studies/a/study.yaml',
      canPick: false,
    })
    socket.close()
  })

  test('an unknown procedure, and names that every object has', async () => {
    const socket = await connected()
    for (const name of ['nothing', '__proto__', 'constructor', 'toString']) {
      const answer = await ask(socket, name, {})
      expect(answer.e).toMatchObject({ code: 'OPTION_INVALID', summary: `There is no procedure "${name}"` })
    }
    socket.close()
  })

  test.each([
    ['a missing key', 'scoreMap', { study: 's', subject: 'a', model: 'm' }],
    ['a key too many', 'hello', { extra: 1 }],
    ['a wrong type', 'openStudy', { path: 7 }],
    ['no object', 'openStudy', null],
    ['a path of a megabyte', 'openStudy', { path: 'x'.repeat(1 << 20) }],
    ['a scale out of range', 'saveFigure', { svg: '<svg/>', format: 'png', scale: 1e9, name: 'x' }],
  ])('an argument with %s is refused before the engine sees it', async (_what, name, argument) => {
    const before = engine.calls.length
    const socket = await connected()
    const answer = await ask(socket, name, argument)
    expect(answer.e).toMatchObject({ code: 'OPTION_INVALID', summary: `The argument of ${name} does not fit` })
    expect(engine.calls.length).toBe(before)
    socket.close()
  })

  test("the engine's error reaches the window as data, whole", async () => {
    const socket = await connected()
    const answer = await ask(socket, 'plan', { study: '/missing' })
    expect(answer.e).toMatchObject({
      code: 'FILE_MISSING',
      summary: 'A file is missing',
      where: { file: '/missing' },
      remedy: 'Check the path',
    })
    expect(answer.e).not.toHaveProperty('stack')
    socket.close()
  })

  test('large arrays arrive as typed arrays, bit by bit', async () => {
    const socket = await connected()
    socket.send(encodeMessage({ t: 'q', i: '1', m: 'call', a: ['surface', { study: 's' }] }))
    const [data] = (await once(socket, 'message')) as [Buffer]
    const { decode } = await import('@msgpack/msgpack')
    const { windowCodec } = await import('./windowCodec.ts')
    const answer = decode(data, { extensionCodec: windowCodec }) as { r: unknown }
    expect(answer.r).toEqual(engine.surface)
    socket.close()
  })

  test('events reach every window', async () => {
    const [first, second] = [await connected(), await connected()]
    const heard = [first, second].map(async (socket) => decodeAnswer(((await once(socket, 'message')) as [Buffer])[0]))
    engine.emit('studyChanged', { study: '/studies/a/study.yaml' })
    for (const message of await Promise.all(heard)) {
      expect(message).toMatchObject({ t: 'q', m: 'event', a: ['studyChanged', { study: '/studies/a/study.yaml' }] })
    }
    first.close()
    second.close()
    await Promise.all([once(first, 'close'), once(second, 'close')])
    // The list of jobs goes on listening.
    await expect.poll(() => engine.listeners(), patient).toBe(2)
  })
})

describe('broken windows', () => {
  async function closeCode(send: (socket: WebSocket) => void): Promise<number> {
    const socket = await connected()
    socket.on('error', () => undefined)
    send(socket)
    const [code] = (await once(socket, 'close')) as [number]
    return code
  }

  test.each([
    ['an unused code', [0xc1]],
    ['a string cut short', [0xd9, 0xff, 0x61]],
    ['an array of four billion', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map of four billion', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['four gigabytes of bytes', [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ['an array type of three bytes', [0xc7, 3, 0x10, 1, 2, 3]],
    ['a key __proto__', [0x81, 0xa9, ...Buffer.from('__proto__'), 0x01]],
    ['nothing', []],
    ['two messages', [0x01, 0x01]],
  ])('bytes that are not MessagePack: %s', async (_what, bytes) => {
    expect(await closeCode((socket) => socket.send(new Uint8Array(bytes)))).toBe(1007)
  })

  test.each([
    ['null', null],
    ['a number', 5],
    ['another function', { t: 'q', i: '1', m: 'toString', a: ['hello', {}] }],
    ['an answer', { t: 's', i: '1', r: 1 }],
    ['no arguments', { t: 'q', i: '1', m: 'call', a: [] }],
    ['a name that is a number', { t: 'q', i: '1', m: 'call', a: [1, {}] }],
    ['an endless id', { t: 'q', i: 'x'.repeat(100), m: 'call', a: ['hello', {}] }],
  ])('messages that are not a call: %s', async (_what, message) => {
    expect(await closeCode((socket) => socket.send(encodeMessage(message)))).toBe(1008)
  })

  test('text frames', async () => {
    expect(await closeCode((socket) => socket.send('{"t":"q"}'))).toBe(1003)
  })

  test('a message beyond the limit is cut off, and the server goes on', async () => {
    expect(await closeCode((socket) => socket.send(new Uint8Array(73 * 1024 * 1024)))).toBe(1009)
    const socket = await connected()
    expect((await ask(socket, 'hello', {})).r).toMatchObject({ host: 'browser' })
    socket.close()
  })

  test('bytes that are not HTTP', async () => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => undefined)
    socket.write(Buffer.from([0, 1, 2, 255, 13, 10, 13, 10]))
    let reply = ''
    socket.on('data', (piece) => (reply += piece.toString('latin1')))
    await once(socket, 'close')
    expect(reply).toMatch(/^HTTP\/1\.1 400 /)
    expect((await get('/')).status).toBe(200)
  })
})

describe('start and end', () => {
  test('a taken port is named', async () => {
    await expect(
      startServer({ engine, distDir: join(folder, 'dist'), stateDir: folder, version: '1', port }),
    ).rejects.toMatchObject({ code: 'OPTION_INVALID', summary: `Port ${port} cannot be used` })
  })

  test('a window that was never built is named', async () => {
    await expect(
      startServer({ engine, distDir: join(folder, 'nowhere'), stateDir: folder, version: '1' }),
    ).rejects.toMatchObject({ code: 'FILE_MISSING', parts: { where: { file: join(folder, 'nowhere') } } })
  })

  test('closing tells the windows and frees the port, even past one that does not answer', async () => {
    const other = await startServer({ engine, distDir: join(folder, 'dist'), stateDir: folder, version: '1' })
    const url = new URL(other.url)
    const socket = new WebSocket(`ws://${url.host}/rpc?token=${url.hash.slice(7)}`, {
      headers: { Origin: url.origin },
    })
    await once(socket, 'open')
    const deaf = new WebSocket(`ws://${url.host}/rpc?token=${url.hash.slice(7)}`, { headers: { Origin: url.origin } })
    await once(deaf, 'open')
    deaf.pause()
    const closed = once(socket, 'close') as Promise<[number]>
    await other.close()
    expect((await closed)[0]).toBe(1001)
    deaf.terminate()
    const again = await startServer({
      engine,
      distDir: join(folder, 'dist'),
      stateDir: folder,
      version: '1',
      port: Number(url.port),
    })
    await again.close()
  })
})
