/** Every bad input of the list: its error, that the study still opens, and that nothing stored is lost. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Job, Problem } from '../../../src-main/contract/study.ts'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import type { SmallStudy } from '../../support/smallStudy.ts'

const checkpoint = resolve('test/reference/activations/wav2vec2-1')
let base: string
let study: SmallStudy
let folder: string
let path: string
let engine: EngineHandle
let runs = 0

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'heschl-errors-'))
  study = await makeSmallStudy(join(base, 'original'), { layers: ['transf1'], subjects: 2 })
  const started = await start()
  await over(started, await started.call('run', { study: study.path }))
  await started.close()
}, 120_000)
afterAll(() => rmSync(base, { recursive: true, force: true }))

beforeEach(async () => {
  folder = join(base, `case-${++runs}`)
  cpSync(study.folder, folder, { recursive: true })
  path = join(folder, 'study.yaml')
  engine = await start()
})
afterEach(() => engine.close())

const start = () => startEngine({ spawn: 'child_process' })

function over(handle: EngineHandle, job: Job): Promise<Job> {
  return new Promise((done) => {
    const look = (now: Job) => {
      if (now.id === job.id && ['done', 'failed', 'cancelled'].includes(now.state)) done(now)
    }
    handle.on('job', look)
    void handle.call('jobs', {}).then((jobs) => jobs.forEach(look))
  })
}

const edit = (from: string, to: string) => {
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}

/** Validation names the problem, running is refused with it, the study opens, and what can be read has its scores. */
async function refused(expected: RegExp, stillScored: string | null = 'sub-02'): Promise<Problem> {
  const problems = await engine.call('validateStudy', { path })
  const problem = problems.find(({ message }) => expected.test(message))
  expect(problem, JSON.stringify(problems, null, 1)).toBeDefined()
  expect(problem).toMatchObject({ severity: 'error', line: expect.any(Number), column: expect.any(Number) })
  const job = await over(engine, await engine.call('run', { study: path }))
  expect(job).toMatchObject({ state: 'failed', error: { code: 'STUDY_INVALID' } })
  expect(job.error!.message).not.toMatch(/\bat .*\.ts:\d+/)
  const overview = await engine.call('openStudy', { path })
  expect(overview.problems.some(({ message }) => expected.test(message))).toBe(true)
  if (stillScored !== null) {
    const request = { study: path, subject: stillScored, model: 'w2v-1', layer: 'transf1' }
    expect((await engine.call('scoreMap', request)).left.some((r) => r !== 0)).toBe(true)
  }
  return problem!
}

/** After the cause is gone the study runs to its end, and what was stored before is used. */
async function recovers(): Promise<void> {
  const job = await over(engine, await engine.call('run', { study: path }))
  expect(job).toMatchObject({ state: 'done' })
  expect(job.stepsCached).toBe(job.stepsTotal)
}

describe('files', () => {
  test('a missing recording', async () => {
    const file = join(folder, 'sub-01_run-1.npy')
    const bytes = readFileSync(file)
    rmSync(file)
    await refused(/missing.*sub-01_run-1\.npy|sub-01_run-1\.npy.*missing/i)
    writeFileSync(file, bytes)
    await recovers()
  })

  test('a folder where a recording was expected', async () => {
    edit('data: sub-01_run-1.npy', 'data: surface')
    await refused(/folder/)
  })

  test('a missing audio file takes no stored score away once it is back', async () => {
    const file = join(folder, 'run-1.wav')
    const bytes = readFileSync(file)
    rmSync(file)
    await refused(/run-1\.wav/, null)
    writeFileSync(file, bytes)
    await recovers()
  })

  test('a sample rate of 0', async () => {
    const file = join(folder, 'run-1.wav')
    const bytes = readFileSync(file)
    bytes.writeUInt32LE(0, 24)
    writeFileSync(file, bytes)
    await refused(/sample rate|rate of 0/i, null)
  })

  test('a transcript with a word that ends before it begins: file and line', async () => {
    writeFileSync(join(folder, 'words.tsv'), 'onset\tduration\tword\n0.5\t0.2\tone\n0.9\t-0.3\ttwo\n')
    edit('audio: run-1.wav', 'audio: run-1.wav, words: words.tsv')
    await refused(/words\.tsv, line 3/)
  })

  test('a truncated recording', async () => {
    truncateSync(join(folder, 'sub-01_run-1.npy'), 300)
    await refused(/sub-01_run-1\.npy/)
  })

  test('another number of vertices than the surface', async () => {
    await writeNpy(join(folder, 'sub-01_run-1.npy'), {
      shape: [study.volumes, 80],
      data: new Float32Array(study.volumes * 80),
    })
    const { message } = await refused(/sub-01_run-1\.npy has 80 vertices/)
    expect(message).toContain('84')
  })

  test('fewer volumes than the audio needs', async () => {
    await writeNpy(join(folder, 'sub-01_run-1.npy'), { shape: [5, 84], data: new Float32Array(5 * 84) })
    await refused(/fewer volumes than the audio needs/)
  })
})

describe('checkpoints', () => {
  const withCheckpoint = () => {
    cpSync(checkpoint, join(folder, 'model'), { recursive: true })
    edit('architecture: wav2vec2-demo, seed: 1', 'checkpoint: model')
  }

  test('a good one runs', async () => {
    withCheckpoint()
    const job = await over(engine, await engine.call('run', { study: path }))
    expect(job).toMatchObject({ state: 'done' })
  })

  test('a truncated safetensors header', async () => {
    withCheckpoint()
    truncateSync(join(folder, 'model', 'model.safetensors'), 200)
    await refused(/model\.safetensors/, null)
  })

  test('a shape that does not match the config', async () => {
    withCheckpoint()
    const file = join(folder, 'model', 'config.json')
    const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    writeFileSync(file, JSON.stringify({ ...config, intermediate_size: 100 }))
    const { message } = await refused(/tensor/, null)
    expect(message).toMatch(/expected .*100/)
  })
})

describe('responses that cannot be scored', () => {
  async function change(edit: (data: Float32Array, volumes: number, vertices: number) => void): Promise<void> {
    for (const run of [1, 2]) {
      const file = join(folder, `sub-01_run-${run}.npy`)
      const { shape, data } = await readNpy(file)
      edit(data as Float32Array, shape[0], shape[1])
      await writeNpy(file, { shape, data })
    }
  }

  test('a constant vertex and one with NaN have no score; all others keep theirs', async () => {
    const request = { study: path, subject: 'sub-01', model: 'w2v-1', layer: 'transf1' }
    const before = await engine.call('scoreMap', request)
    await change((data, volumes, vertices) => {
      for (let v = 0; v < volumes; v++) data[v * vertices + 3] = 7
      data[2 * vertices + 5] = NaN
    })
    expect(await over(engine, await engine.call('run', { study: path }))).toMatchObject({ state: 'done' })
    await engine.call('openStudy', { path })
    const after = await engine.call('scoreMap', request)
    const expected = before.left.slice()
    expected[3] = NaN
    expected[5] = NaN
    expect(after.left).toEqual(expected)
    expect(after.right).toEqual(before.right)
  })

  test('a recording that is constant everywhere is an error that names the subject', async () => {
    await change((data) => data.fill(1))
    const job = await over(engine, await engine.call('run', { study: path }))
    expect(job).toMatchObject({ state: 'failed', error: { code: 'NUMERICAL', where: { subject: 'sub-01' } } })
    await expect(engine.call('openStudy', { path })).resolves.toMatchObject({ problems: [] })
  })
})

/** A file system of a given size, where this user may make one. */
function mountSmall(at: string, kilobytes: number): boolean {
  mkdirSync(at, { recursive: true })
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', at]).status === 0
}

const canMount =
  process.platform === 'linux' &&
  (() => {
    const at = mkdtempSync(join(tmpdir(), 'heschl-mount-'))
    const mounted = mountSmall(at, 64)
    if (mounted) spawnSync('umount', [at])
    rmSync(at, { recursive: true, force: true })
    return mounted
  })()

test.skipIf(!canMount)(
  `a full disk in the middle of a run, then space again${canMount ? '' : ' (skipped: needs the right to mount a small file system)'}`,
  async () => {
    const disk = join(base, 'disk')
    expect(mountSmall(disk, 8000)).toBe(true)
    try {
      cpSync(folder, disk, { recursive: true, filter: (file) => !file.includes('.heschl') })
      const there = join(disk, 'study.yaml')
      await engine.call('openStudy', { path: there })
      writeFileSync(join(disk, 'ballast'), new Uint8Array(30_000))
      const fill = spawnSync('sh', ['-c', `cat /dev/zero > ${join(disk, 'filler')}`])
      expect(String(fill.stderr)).toMatch(/space/i)
      rmSync(join(disk, 'ballast'))
      const job = await over(engine, await engine.call('run', { study: there }))
      expect(job).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } })
      await expect(engine.call('openStudy', { path: there })).resolves.toMatchObject({ problems: [] })
      rmSync(join(disk, 'filler'))
      const again = await over(engine, await engine.call('run', { study: there }))
      expect(again).toMatchObject({ state: 'done', error: null })
      const request = { subject: 'mean', model: 'w2v-1', layer: 'transf1' }
      const scores = await engine.call('scoreMap', { ...request, study: there })
      expect(scores.left).toEqual((await engine.call('scoreMap', { ...request, study: path })).left)
    } finally {
      await engine.close()
      spawnSync('umount', [disk])
    }
  },
)

describe('the study file', () => {
  test('a misspelt key: line, column, did you mean', async () => {
    edit('recordings:', 'recordins:')
    const problems = await engine.call('validateStudy', { path })
    const line = readFileSync(path, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('recordins'))
    expect(problems[0]).toMatchObject({ severity: 'error', line: line + 1, column: 5 })
    expect(problems[0].message + problems[0].remedy).toMatch(/did you mean `?recordings/i)
    await expect(engine.call('openStudy', { path })).rejects.toMatchObject({ code: 'STUDY_INVALID' })
    edit('recordins:', 'recordings:')
    await recovers()
  })

  test('a study that is not there makes no store', async () => {
    const missing = join(folder, 'nowhere', 'study.yaml')
    await expect(engine.call('openStudy', { path: missing })).rejects.toMatchObject({ code: 'FILE_MISSING' })
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })
})
