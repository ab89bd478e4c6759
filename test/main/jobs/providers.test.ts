/** Which providers work here, whatever a GPU's driver does to the process that asks it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { overviewOf } from '../../../src-main/jobs/overview.ts'
import { planOf } from '../../../src-main/jobs/runner.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import { builtProviders, providers } from '../../../src-main/pipeline/providers.ts'
import type { ProviderChoice } from '../../../src-main/study/schema.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-providers-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** One that ONNX Runtime has here beside the CPU, and one that it has not. */
const built = builtProviders().find((name) => name !== 'cpu')!
const missing = providers.find((name) => !builtProviders().includes(name))!

/** Providers whose check is a process that does this; `provider` is its argument. */
function checkedBy(source: string, patience = 20_000): Providers {
  const entry = join(folder, `check-${Math.random().toString(36).slice(2)}.mjs`)
  writeFileSync(entry, `const provider = process.argv[2]\n${source}`)
  return new Providers({ entry, patience })
}
const answers = (answer: object) => `process.send(${JSON.stringify(answer)})`
const right = { result: { largest: 3e-6, layer: 'conv2', seconds: 0.25 } }

describe('what a check can end with', () => {
  const one = async (made: Providers) => (await made.all()).find(({ name }) => name === built)!
  const aside = { available: false, difference: null, seconds: null }

  test('the CPU’s numbers', async () => {
    expect(await one(checkedBy(answers(right)))).toMatchObject({
      available: true,
      reason: null,
      difference: 3e-6,
      seconds: 0.25,
    })
  })

  test.each([
    [
      'other numbers',
      answers({ result: { largest: 0.17, layer: 'transf0', seconds: 1 } }),
      /^other .*: 0.17 SD in transf0/,
    ],
    [
      'numbers that are none',
      'process.send({ result: { largest: Infinity, layer: "conv0", seconds: 1 } })',
      /Infinity SD/,
    ],
  ])('%s: left aside, with how much they differ', async (_, source, reason) => {
    const facts = await one(checkedBy(source))
    expect(facts).toMatchObject({ available: false, reason: expect.stringMatching(reason) })
  })

  test.each([
    ['an error', answers({ failure: 'No supported adapters' }), /^No supported adapters/],
    ['a crash', 'process.abort()', /^its check ended the process \((SIGABRT|exit code \d+)\)/],
    ['an exit without a word', 'process.exit(3)', /^its check ended the process \(exit code 3\)/],
    ['a script that cannot run', 'throw new Error("no")', /^its check ended the process \(exit code 1\)/],
  ])('%s: left aside, with the reason', async (_, source, reason) => {
    expect(await one(checkedBy(source))).toMatchObject({ ...aside, reason: expect.stringMatching(reason) })
  })

  test('a hang: its process is ended', async () => {
    const made = checkedBy('while (true);', 700)
    expect(await one(made)).toMatchObject({ ...aside, reason: expect.stringMatching(/^gave no answer within 0.7 s/) })
  }, 30_000)

  test('none, where ONNX Runtime was built without it: no process is started', async () => {
    const facts = (await checkedBy(answers(right)).all()).find(({ name }) => name === missing)
    expect(facts).toMatchObject({
      ...aside,
      reason: `not part of ONNX Runtime for ${process.platform} ${process.arch}`,
    })
  })
})

describe('a choice', () => {
  test('`auto` is the first that works', async () => {
    expect(await checkedBy(answers(right)).resolve('auto')).toBe(
      providers.find((name) => builtProviders().includes(name)),
    )
    const onlyLast = `process.send(provider === '${built}' ? ${JSON.stringify({ failure: 'no' })} : ${JSON.stringify(right)})`
    expect(await checkedBy(onlyLast).resolve('auto')).not.toBe(built)
    expect(await checkedBy('process.abort()').resolve('auto')).toBe('cpu')
  })

  test('that was made is kept, and told to be impossible before anything is computed', async () => {
    const made = checkedBy(answers({ failure: 'No supported adapters' }))
    expect(await made.resolve(built)).toBe(built)
    await expect(made.require(built)).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      parts: { expected: `the provider \`${built}\``, found: expect.stringContaining('No supported adapters') },
    })
    await expect(made.require('cpu')).resolves.toBeUndefined()
    await expect(checkedBy(answers(right)).require(built)).resolves.toBeUndefined()
  })

  test('is checked once a process', async () => {
    const log = join(folder, 'checks')
    const made = checkedBy(
      `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(log)}, 'x'); ${answers(right)}`,
    )
    writeFileSync(log, '')
    await Promise.all([made.require(built), made.require(built), made.resolve(built)])
    await made.require(built)
    expect(readFileSync(log, 'utf8')).toBe('x')
  })
})

test('the real check finds the CPU equal to itself', async () => {
  const all = await new Providers().all()
  expect(all.map(({ name }) => name)).toEqual(providers)
  expect(all.at(-1)).toMatchObject({ name: 'cpu', available: true, reason: null, difference: 0 })
  expect(all.at(-1)!.seconds).toBeGreaterThan(0)
  for (const { available, reason } of all) expect(reason === null).toBe(available)
}, 180_000)

describe('a study', () => {
  let path: string
  beforeAll(async () => {
    const made = await makeSmallStudy(join(folder, 'study'), { layers: ['transf0'], subjects: 2 })
    path = made.path
  })

  async function look(choice?: ProviderChoice) {
    const session = new StudySession(path, checkedBy('process.abort()'))
    session.provider = choice
    try {
      const snapshot = await session.refresh()
      return {
        keys: new Map(snapshot.steps.map(({ spec, key }) => [spec.id, { kind: spec.kind, key }])),
        plan: (await planOf(session, snapshot)).provider,
        row: overviewOf(session, snapshot).encoding.find(({ option }) => option === 'provider'),
      }
    } finally {
      session.close()
    }
  }

  test('has the CPU’s results unless it says otherwise, and shows whose they are', async () => {
    const { keys, plan, row } = await look()
    expect({ plan, row }).toEqual({ plan: 'cpu', row: { option: 'provider', value: 'cpu' } })
    expect((await look('cpu')).keys).toEqual(keys)
    // Nothing but the CPU works here.
    expect((await look('auto')).keys).toEqual(keys)
  })

  test('never mixes two providers: what no model enters has the same name with all, what one enters never', async () => {
    const [cpu, webgpu, cuda] = [(await look('cpu')).keys, await look('webgpu'), (await look('cuda')).keys]
    expect(webgpu).toMatchObject({ plan: 'webgpu', row: { value: 'webgpu' } })
    expect(new Set([...cpu.values()].map(({ kind }) => kind))).toEqual(new Set(['design', 'fit', 'ceiling']))
    for (const [id, { kind, key }] of cpu) {
      const keys = new Set([key, webgpu.keys.get(id)!.key, cuda.get(id)!.key])
      expect(keys.size, id).toBe(kind === 'ceiling' || id.includes(':mel:') ? 1 : 3)
    }
  })
})
