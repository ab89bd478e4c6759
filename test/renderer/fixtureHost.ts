/**
 * A host for looking at the window while it is built: every answer is synthetic, kept in memory, and says so. Serves the
 * renderer's sources through Vite with the WebSocket that the browser host has.
 *
 *     node test/renderer/fixtureHost.ts [--port 5199] [--empty]
 */
import vue from '@vitejs/plugin-vue'
import { createBirpc } from 'birpc'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createServer } from 'vite'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Argument, ProcedureName } from '../../src-main/contract/procedures.ts'
import type { Job } from '../../src-main/contract/study.ts'
import { decodeMessage, encodeMessage } from '../../src-renderer/bridge/wire.ts'
import { syntheticOverview, syntheticScoreMap, syntheticTable, syntheticMap } from './syntheticStudy.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '5199' }, empty: { type: 'boolean', default: false } },
})
const token = 'synthetic'
const windows = new Set<(name: string, payload: unknown) => void>()
let job: Job | null = null
let timer: NodeJS.Timeout | undefined

function tell(name: string, payload: unknown) {
  for (const send of windows) send(name, payload)
}

const answers: { [Name in ProcedureName]?: (argument: Argument<Name>) => unknown } = {
  hello: () => ({ host: 'browser', version: '0.0.0-synthetic', study: null, canPick: false }),
  recentStudies: () =>
    values.empty ? [] : [{ path: syntheticOverview.path, name: syntheticOverview.name, opened: 1.8e12, exists: true }],
  forgetStudy: () => null,
  openStudy: ({ path }) => {
    if (path !== syntheticOverview.path)
      throw Object.assign(new Error('A file is missing'), {
        code: 'FILE_MISSING',
        summary: 'A file is missing',
        where: { file: path },
        remedy: 'Check the path, and that the disk it is on is mounted',
      })
    return syntheticOverview
  },
  surface: () => syntheticMap,
  scoreMap: ({ subject, layer }) => syntheticScoreMap(subject, layer),
  maps: ({ maps }) =>
    maps.map(({ of }) => ({ ok: true, map: { ...syntheticScoreMap(of.subject, of.layer), significance: null } })),
  scoreTable: () => syntheticTable,
  jobs: () => (job ? [job] : []),
  jobLog: () => [{ at: 1.8e12, text: 'A synthetic line' }],
  clearJobs: () => null,
  layouts: () => ({ current: null, saved: [] }),
  keepLayout: () => null,
  nameLayout: ({ name, layout }) => ({ current: null, saved: layout ? [{ name, layout }] : [] }),
  remembered: () => ({}),
  remember: () => null,
  run: () => {
    let fraction = 0
    clearInterval(timer)
    const next = (): Job => ({
      id: 'job-1',
      study: syntheticOverview.path,
      label: 'Run the synthetic study',
      state: fraction >= 1 ? 'done' : 'running',
      asked: 1.8e12,
      began: 1.8e12,
      ended: fraction >= 1 ? 1.8e12 + 40_000 : null,
      place: null,
      step: 'Activations of w2v-native on s1',
      stepsDone: Math.floor(fraction * 24),
      stepsTotal: 24,
      stepsCached: 3,
      fraction: Math.min(1, fraction),
      secondsLeft: (1 - fraction) * 40,
      secondsElapsed: fraction * 40,
      rate: '9.8 s of audio/s',
      memoryBytes: 1.16e9,
      error: null,
    })
    timer = setInterval(() => {
      fraction += 0.01
      tell('job', (job = next()))
      if (fraction >= 1) clearInterval(timer)
    }, 400)
    return (job = next())
  },
  cancel: () => {
    clearInterval(timer)
    if (job) tell('job', (job = { ...job, state: 'cancelled' }))
    return null
  },
  saveFigure: ({ svg }) => ({ path: null, bytes: new TextEncoder().encode(svg) }),
}

function serve(socket: WebSocket) {
  const rpc = createBirpc<{ event(name: string, payload: unknown): void }>(
    {
      call: async (name: ProcedureName, argument: never) => {
        const answer = answers[name] as ((argument: never) => unknown) | undefined
        if (!answer)
          throw Object.assign(new Error(name), { code: 'OPTION_INVALID', summary: `The synthetic host has no ${name}` })
        return answer(argument)
      },
    },
    {
      post: (message) => socket.send(encodeMessage(message)),
      on: (listener) => socket.on('message', (data: Buffer) => listener(decodeMessage(Uint8Array.from(data).buffer))),
    },
  )
  const send = (name: string, payload: unknown) => void rpc.event.asEvent(name, payload)
  windows.add(send)
  socket.on('close', () => windows.delete(send))
}

const vite = await createServer({
  configFile: false,
  root: fileURLToPath(new URL('../../src-renderer', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../../node_modules/.vite-fixture', import.meta.url)),
  plugins: [vue()],
  server: { port: Number(values.port), host: '127.0.0.1', fs: { allow: ['..'] } },
})
await vite.listen()
const sockets = new WebSocketServer({ noServer: true })
vite.httpServer?.on('upgrade', (request, socket, head) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  if (pathname !== '/rpc' || searchParams.get('token') !== token) return
  sockets.handleUpgrade(request, socket, head, serve)
})
process.stdout.write(`http://127.0.0.1:${values.port}/#token=${token}\n`)
