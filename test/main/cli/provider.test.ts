/** `--provider` and what `doctor` says of providers, through the real command. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { providersText } from '../../../src-main/cli/providersText.ts'
import { builtProviders, providers } from '../../../src-main/pipeline/providers.ts'
import { makeSmallStudy, wavBytes } from '../../support/smallStudy.ts'
import { folderOf, readAudio } from '../activations/reference.ts'
import { heschl as heschlIn } from './heschl.ts'

/** What this system's ONNX Runtime was built without. */
const missing = providers.find((name) => !builtProviders().includes(name))!

let folder: string
let study: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-provider-'))
  study = (await makeSmallStudy(join(folder, 'study'), { layers: ['transf0'], subjects: 1 })).path
  await writeFile(join(folder, 'speech.wav'), wavBytes([await readAudio()], 16_000))
})
afterAll(() => rm(folder, { recursive: true }))
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

test('a provider that is not there is told before anything is computed, and nothing is written', async () => {
  const extract = await heschl(
    ...['extract', '--model', folderOf('wav2vec2-1'), '--audio', 'speech.wav', '--layers', 'conv6', '--window', 'none'],
    ...['--provider', missing, '--out', 'out.safetensors', '--json'],
  )
  expect(extract.code).toBe(1)
  expect(JSON.parse(extract.stdout)).toMatchObject({
    error: {
      code: 'PROVIDER_UNAVAILABLE',
      expected: `the provider \`${missing}\``,
      found: `not part of ONNX Runtime for ${process.platform} ${process.arch}`,
      remedy: expect.stringContaining('heschl doctor'),
    },
  })
  expect(existsSync(join(folder, 'out.safetensors'))).toBe(false)
  const run = await heschl('run', study, '--provider', missing, '--json')
  expect({ code: run.code, error: JSON.parse(run.stdout) as object }).toMatchObject({
    code: 1,
    error: { error: { code: 'PROVIDER_UNAVAILABLE' } },
  })
}, 60_000)

test('results of one provider are no other’s', async () => {
  const { code, stdout } = await heschl('run', study, '--provider', 'cpu', '--json')
  expect({ code, table: (JSON.parse(stdout) as { table: object }).table }).toMatchObject({
    code: 0,
    table: { provider: 'cpu' },
  })
  const planned = async (...args: readonly string[]) => {
    const { provider, steps } = JSON.parse((await heschl('plan', study, ...args, '--json')).stdout) as {
      provider: string
      steps: { id: string; cached: boolean }[]
    }
    return { provider, missing: steps.filter(({ cached }) => !cached).map(({ id }) => id) }
  }
  expect(await planned()).toEqual({ provider: 'cpu', missing: [] })
  const other = await planned('--provider', missing)
  expect(other.provider).toBe(missing)
  // The acoustic space beside the model is nobody's.
  expect(other.missing.length).toBeGreaterThan(0)
  expect(other.missing.every((id) => !id.includes(':mel:'))).toBe(true)
  expect((await heschl('plan', study, '--provider', missing)).stdout).toContain(
    `Activations are computed with ${missing}.`,
  )
}, 120_000)

test('a name that is none is wrong usage', async () => {
  const { code, stderr } = await heschl('run', study, '--provider', 'gpu')
  expect(code).toBe(2)
  expect(stderr).toContain('Allowed choices are auto, cuda, webgpu, dml, coreml, cpu.')
})

test('doctor lists every provider that there is, with its check or why there was none', async () => {
  const { code, stdout } = await heschl('doctor', '--json')
  expect(code).toBe(0)
  const { providers: found } = JSON.parse(stdout) as { providers: { name: string }[] }
  expect(found.map(({ name }) => name)).toEqual(providers)
  expect(found.find(({ name }) => name === missing)).toMatchObject({
    available: false,
    difference: null,
    seconds: null,
  })
  expect(found.at(-1)).toMatchObject({ available: true, reason: null, difference: 0, seconds: expect.any(Number) })
}, 200_000)

test('providers as a table for people', () => {
  const facts = { title: '', available: false, reason: null, difference: null, seconds: null }
  const text = providersText([
    { ...facts, name: 'cuda', reason: 'Failed to load shared library' },
    { ...facts, name: 'webgpu', available: true, difference: 4.47e-6, seconds: 0.0312 },
    { ...facts, name: 'cpu', available: true, difference: 0, seconds: 0.003 },
  ])
  expect(text).toBe(
    [
      'Provider  State       From the CPU  Check  Reason',
      '────────  ──────────  ────────────  ─────  ─────────────────────────────',
      'cuda      left aside                       Failed to load shared library',
      'webgpu    ok               4e-6 SD  31 ms',
      'cpu       ok                  0 SD   3 ms',
      'Studies compute with cpu unless `compute: {provider: …}` or --provider says otherwise.',
      '`auto` takes webgpu.',
    ].join('\n'),
  )
})
