import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHost, fileName } from '../../../../src-main/jobs/host/host.ts'
import { openKept } from '../../../../src-main/jobs/host/kept.ts'
import { openRecentStudies } from '../../../../src-main/jobs/host/recent.ts'
import { stateDirectory } from '../../../../src-main/jobs/host/stateDir.ts'
import { job } from '../../cli/job.ts'
import { scriptedEngine } from '../../server/scriptedEngine.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-host-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('recent studies', () => {
  test('newest first, each once, gone ones marked, kept over a restart', async () => {
    const study = join(folder, 'study.yaml')
    await writeFile(study, 'heschl: 1')
    const recent = openRecentStudies(join(folder, 'made', 'later'))
    expect(await recent.list()).toEqual([])
    await recent.remember('/gone/study.yaml', 'Gone')
    await recent.remember(study, 'Here')
    await recent.remember('/gone/study.yaml', 'Gone, renamed')
    const again = await openRecentStudies(join(folder, 'made', 'later')).list()
    expect(again.map(({ path, name, exists }) => ({ path, name, exists }))).toEqual([
      { path: '/gone/study.yaml', name: 'Gone, renamed', exists: false },
      { path: study, name: 'Here', exists: true },
    ])
    expect(again[0].opened).toBeGreaterThanOrEqual(again[1].opened)
    await recent.forget(study)
    expect((await recent.list()).map(({ path }) => path)).toEqual(['/gone/study.yaml'])
  })

  test('changes at the same time lose nothing, and the list stays short', async () => {
    const recent = openRecentStudies(folder)
    await Promise.all(Array.from({ length: 40 }, (_, index) => recent.remember(`/s/${index}`, `${index}`)))
    const paths = (await recent.list()).map(({ path }) => path)
    expect(paths).toEqual(Array.from({ length: 30 }, (_, index) => `/s/${39 - index}`))
  })

  test.each(['', '{', '[]', '{"version":2,"studies":[]}', '{"version":1,"studies":[{"path":1}]}'])(
    'a list that cannot be understood is set aside: %s',
    async (text) => {
      await writeFile(join(folder, 'recent-studies.json'), text)
      const recent = openRecentStudies(folder)
      expect(await recent.list()).toEqual([])
      await recent.remember('/a', 'A')
      expect((await recent.list()).map(({ name }) => name)).toEqual(['A'])
      expect(await readFile(join(folder, 'recent-studies.json.unreadable'), 'utf8')).toBe(text)
    },
  )

  test('a folder that cannot be written is an error, and the next change still works', async () => {
    await writeFile(join(folder, 'state'), 'a file where the folder should be')
    const recent = openRecentStudies(join(folder, 'state'))
    await expect(recent.remember('/a', 'A')).rejects.toThrow()
    await rm(join(folder, 'state'))
    await mkdir(join(folder, 'state'))
    await recent.remember('/b', 'B')
    expect((await recent.list()).map(({ name }) => name)).toEqual(['B'])
    expect(await readdir(join(folder, 'state'))).toEqual(['recent-studies.json'])
  })
})

describe('the host', () => {
  const kept = () => openKept(folder, scriptedEngine())
  const abilities = { host: 'browser', version: '1.2.3', study: () => null } as const

  test('a study that opened is remembered; one that failed is not', async () => {
    const recent = openRecentStudies(folder)
    const host = createHost(scriptedEngine(), { ...kept(), recent }, abilities)
    const path = resolve('/a/study.yaml')
    await host.call('openStudy', { path })
    await expect(host.call('plan', { study: '/b' })).rejects.toMatchObject({ code: 'FILE_MISSING' })
    expect((await host.call('recentStudies', {})) as object[]).toMatchObject([{ path, exists: false }])
    expect(await host.call('forgetStudy', { path })).toBeNull()
    expect(await recent.list()).toEqual([])
  })

  test.each([
    ['~/study.yaml', join(homedir(), 'study.yaml')],
    ['~', homedir()],
    ['  /a/../b/study.yaml ', resolve('/b/study.yaml')],
    ['study.yaml', resolve('study.yaml')],
    ['~other/study.yaml', resolve('~other/study.yaml')],
  ])('a typed path "%s" reaches the engine as %s', async (typed, path) => {
    const engine = scriptedEngine()
    const host = createHost(engine, openKept(folder, engine), abilities)
    await host.call('openStudy', { path: typed })
    expect(engine.calls).toEqual([{ name: 'openStudy', argument: { path } }])
  })

  test('dialogs where the host has them', async () => {
    const offered: string[] = []
    const host = createHost(scriptedEngine(), kept(), {
      ...abilities,
      pickStudy: async () => '/picked/study.yaml',
      choosePlace: async (name) => {
        offered.push(name)
        return offered.length === 1 ? join(folder, name) : null
      },
    })
    expect(await host.call('hello', {})).toMatchObject({ canPick: true, version: '1.2.3', study: null })
    expect(await host.call('pickStudy', {})).toBe('/picked/study.yaml')
    const figure = { svg: '<svg/>', format: 'svg', scale: 1, name: 'a: b/c.png' }
    const path = join(folder, 'a- b-c.svg')
    expect(await host.call('saveFigure', figure)).toEqual({ path, bytes: null })
    expect(await readFile(path, 'utf8')).toBe('<svg/>')
    expect(await host.call('saveFigure', { ...figure, name: 'cancelled' })).toEqual({ path: null, bytes: null })
    expect(offered).toEqual(['a- b-c.svg', 'cancelled.svg'])
  })

  test('layouts: the last one and those with names, kept over a restart; other windows hear of the names', async () => {
    const host = createHost(scriptedEngine(), kept(), abilities)
    const heard: unknown[] = []
    host.onEvent((name, payload) => heard.push([name, payload]))
    expect(await host.call('layouts', {})).toEqual({ current: null, saved: [] })
    await host.call('keepLayout', { layout: { left: 300, jobs: true } })
    await host.call('nameLayout', { name: 'wide 10', layout: { left: 10 } })
    await host.call('nameLayout', { name: 'wide 9', layout: { left: 9 } })
    const now = {
      current: { left: 300, jobs: true },
      saved: [
        { name: 'wide 9', layout: { left: 9 } },
        { name: 'wide 10', layout: { left: 10 } },
      ],
    }
    expect(heard.at(-1)).toEqual(['layouts', now])
    const next = createHost(scriptedEngine(), kept(), abilities)
    expect(await next.call('layouts', {})).toEqual(now)
    await next.call('nameLayout', { name: 'wide 9', layout: null })
    expect(await next.call('layouts', {})).toMatchObject({ saved: [{ name: 'wide 10' }] })
    await expect(next.call('newWindow', { study: null })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })

  test("what windows remember of a study's view is kept, a study each its own", async () => {
    const host = createHost(scriptedEngine(), kept(), abilities)
    await Promise.all(
      Array.from({ length: 120 }, (_, i) => host.call('remember', { study: '/a', what: `w${i}`, text: `${i}` })),
    )
    await host.call('remember', { study: '/b', what: 'pins', text: '[1]' })
    const next = createHost(scriptedEngine(), kept(), abilities)
    const a = (await next.call('remembered', { study: '/a' })) as Record<string, string>
    expect([Object.keys(a).length, a['w119'], a['w19']]).toEqual([100, '119', undefined])
    expect(await next.call('remembered', { study: '/b' })).toEqual({ pins: '[1]' })
    expect(await next.call('remembered', { study: '/c' })).toEqual({})
  })

  test('jobs of the engine are listed with their logs; what is cleared is told to every window', async () => {
    const engine = scriptedEngine()
    const host = createHost(engine, openKept(folder, engine), abilities)
    const heard: unknown[] = []
    host.onEvent((name, payload) => heard.push([name, payload]))
    engine.emit('job', { ...job, state: 'done', ended: 5 })
    engine.emit('log', { job: job.id, at: 5, text: 'Done' })
    expect(await host.call('jobs', {})).toMatchObject([{ id: job.id, state: 'done' }])
    expect(await host.call('jobLog', { job: job.id })).toEqual([{ at: 5, text: 'Done' }])
    expect(await host.call('clearJobs', { job: null })).toBeNull()
    expect(heard.at(-1)).toEqual(['cleared', { jobs: [job.id] }])
    expect(await host.call('jobs', {})).toEqual([])
  })

  test('no dialogs where it has none', async () => {
    const host = createHost(scriptedEngine(), kept(), abilities)
    expect(await host.call('pickStudy', {})).toBeNull()
    const figure = { svg: '<svg>é</svg>', format: 'svg', scale: 1, name: 'x' }
    expect(await host.call('saveFigure', figure)).toEqual({
      path: null,
      bytes: new TextEncoder().encode('<svg>é</svg>'),
    })
  })

  test('whatever a window sends, only a HeschlError comes back', async () => {
    const host = createHost(scriptedEngine(), kept(), abilities)
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.anything(), async (name, argument) => {
        await expect(host.call(name, argument)).rejects.toMatchObject({ name: 'HeschlError', code: 'OPTION_INVALID' })
      }),
    )
  })
})

test('a figure gets a name that every file system takes', () => {
  expect(fileName('', 'png')).toBe('figure.png')
  expect(fileName('../../etc/passwd', 'svg')).toBe('etc-passwd.svg')
  expect(fileName('Häufigkeit r = 0,3.svg', 'png')).toBe('Häufigkeit r - 0-3.png')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const file = fileName(name, 'png')
      expect(file).toMatch(/^[\p{L}\p{N}_+][\p{L}\p{N}._ +-]*\.png$/u)
      expect(file.length).toBeLessThanOrEqual(124)
    }),
  )
})

test("the state folder is the platform's own, or the one that was named", () => {
  expect(stateDirectory('linux', {}, '/home/a')).toBe(join('/home/a', '.local', 'state', 'heschl'))
  expect(stateDirectory('linux', { XDG_STATE_HOME: '/x' }, '/home/a')).toBe(join('/x', 'heschl'))
  expect(stateDirectory('darwin', {}, '/Users/a')).toBe(join('/Users/a', 'Library', 'Application Support', 'Heschl'))
  expect(stateDirectory('win32', { LOCALAPPDATA: 'L' }, 'H')).toBe(join('L', 'Heschl'))
  expect(stateDirectory('win32', {}, 'H')).toBe(join('H', 'AppData', 'Local', 'Heschl'))
  expect(stateDirectory('linux', { HESCHL_STATE_DIR: '/mine' }, '/home/a')).toBe('/mine')
})
