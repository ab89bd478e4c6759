/** Weights in several files with an index: 'hubert-sharded' as transformers writes it, and damaged copies of it. */
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeModel, modelFiles, openModel } from '../../../src-main/activations/index.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import { folderOf, readAudio } from './reference.ts'

const original = folderOf('hubert-sharded')
const indexName = 'model.safetensors.index.json'

let root: string
let folder: string
let index: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heschl-shards-'))
  folder = join(root, 'model')
  index = join(folder, indexName)
  await cp(original, folder, { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

const describing = () => describeModel({ checkpoint: folder })
const shardsIn = async (path: string) =>
  (await readdir(path)).filter((name) => /^model-\d.*\.safetensors$/.test(name)).sort()

async function lastBlock(checkpoint: string) {
  const model = await openModel({ checkpoint }, { layers: ['transf1'], threads: 1 })
  const found = (await model.run(await readAudio())).get('transf1')!
  await model.close()
  return found
}

interface Index {
  weight_map: Record<string, string>
}

async function editIndex(change: (index: Index) => void) {
  const parsed = JSON.parse(await readFile(index, 'utf8')) as Index
  change(parsed)
  await writeFile(index, JSON.stringify(parsed))
}

const query = 'hubert.encoder.layers.1.attention.q_proj.weight'

test('the files that define the model are the index and every shard, once each', async () => {
  const shards = await shardsIn(folder)
  expect(shards.length).toBeGreaterThan(2)
  const names = ['config.json', indexName, ...shards, 'preprocessor_config.json']
  const files = await modelFiles({ checkpoint: folder })
  expect([...files].sort()).toEqual(names.map((name) => join(folder, name)).sort())
})

test('a single file beside the index is what is read, as in transformers', async () => {
  const single = join(folder, 'model.safetensors')
  await cp(join(folderOf('hubert-large'), 'model.safetensors'), single)
  await cp(join(folderOf('hubert-large'), 'config.json'), join(folder, 'config.json'))
  expect(await modelFiles({ checkpoint: folder })).toContain(single)
  expect(await modelFiles({ checkpoint: folder })).not.toContain(index)
  expect((await describing()).layers.at(-1)!.name).toBe('transf1.norm')
})

const links = process.platform !== 'win32'
describe.skipIf(!links)('shards behind links (Windows allows links to administrators)', () => {
  test.each(['one', 'several'])('into %s folder(s)', async (count) => {
    for (const [i, shard] of (await shardsIn(folder)).entries()) {
      const blobs = join(root, count === 'one' ? 'blobs' : `blobs${i}`)
      await mkdir(blobs, { recursive: true })
      await rename(join(folder, shard), join(blobs, `blob${i}`))
      await symlink(join(blobs, `blob${i}`), join(folder, shard))
    }
    expect(await lastBlock(folder)).toEqual(await lastBlock(original))
  })
})

describe('refused:', () => {
  test('a shard that is missing', async () => {
    const [, shard] = await shardsIn(folder)
    await rm(join(folder, shard))
    await expect(describing()).rejects.toMatchObject({
      code: 'FILE_MISSING',
      parts: { where: { file: join(folder, shard) } },
    })
  })

  test('a shard that is cut short', async () => {
    const file = join(folder, (await shardsIn(folder))[1])
    await truncate(file, (await readFile(file)).length - 1)
    await expect(describing()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID', parts: { where: { file } } })
  })

  test('a tensor that is not in its shard', async () => {
    const [first] = await shardsIn(folder)
    await editIndex(({ weight_map: map }) => void (map['hubert.no.such.tensor'] = first))
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: `hubert.no.such.tensor in ${first}`, where: { file: index } },
    })
  })

  test('a tensor that the index leaves out', async () => {
    await editIndex(({ weight_map: map }) => void delete map[query])
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: `${query} [12, 12]`, where: { file: index, tensor: query } },
    })
  })

  test('a shape that does not match the config, in the shard that has it', async () => {
    const config = join(folder, 'config.json')
    const values = JSON.parse(await readFile(config, 'utf8')) as Record<string, unknown>
    await writeFile(config, JSON.stringify({ ...values, intermediate_size: 24 }))
    const { weight_map: map } = JSON.parse(await readFile(index, 'utf8')) as Index
    const tensor = 'hubert.encoder.layers.0.feed_forward.intermediate_dense.weight'
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { where: { file: join(folder, map[tensor]), tensor } },
    })
  })

  test.each([
    '../model/model-00001.safetensors',
    '/etc/passwd.safetensors',
    'C:\\model.safetensors',
    '..',
    'weights.bin',
    '',
    7,
    null,
  ])('a shard called %j', async (name) => {
    await editIndex(({ weight_map: map }) => void (map[query] = name as string))
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: 'names of safetensors files in the same folder', where: { file: index } },
    })
    expect(await modelFiles({ checkpoint: folder })).toContain(index)
  })

  test.each(['', '[]', '{}', '{"weight_map": []}', '{"weight_map": null}', 'x'.repeat(2_000_000)])(
    'an index that is none',
    async (text) => {
      await writeFile(index, text)
      await expect(describing()).rejects.toMatchObject({
        code: 'CHECKPOINT_INVALID',
        parts: { where: { file: index } },
      })
      expect(await modelFiles({ checkpoint: folder })).toContain(index)
    },
  )

  test('an index with more files than any model has', async () => {
    const map = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, `${i}.safetensors`]))
    await writeFile(index, JSON.stringify({ weight_map: map }))
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: 'at most 1000 files', found: '1001' },
    })
  })

  test('an index without tensors', async () => {
    await writeFile(index, '{"weight_map": {}}')
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { found: 'none among 0 tensors' },
    })
  })
})

test('an index changed anywhere gives a description or a HeschlError', async () => {
  const bytes = await readFile(index)
  const seen = new Set<string>()
  const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.integer({ min: 0x20, max: 0x7d }) })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const changed = Buffer.from(bytes)
      for (const { at, byte } of changes) changed[at] = byte
      await writeFile(index, changed)
      expect(await modelFiles({ checkpoint: folder })).toContain(index)
      const result = await describing().catch((thrown: unknown) => thrown)
      if (result instanceof Error) expect(result).toBeInstanceOf(HeschlError)
      seen.add(result instanceof HeschlError ? result.code : 'described')
    }),
    { numRuns: 300 },
  )
  expect([...seen]).toEqual(expect.arrayContaining(['CHECKPOINT_INVALID', 'FILE_MISSING']))
  expect(seen.has('INTERNAL')).toBe(false)
})
