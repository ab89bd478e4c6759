import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeModel, layersNamed, modelFiles, openModel } from '../../../src-main/activations/index.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import { folderOf, readAudio } from './reference.ts'

let root: string
/** A copy of a sound checkpoint, to be damaged. */
let folder: string
let weights: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heschl-checkpoint-'))
  folder = join(root, 'model')
  weights = join(folder, 'model.safetensors')
  await cp(folderOf('group-stable'), folder, { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function editConfig(change: (config: Record<string, unknown>) => void, name = 'config.json') {
  const file = join(folder, name)
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  change(config)
  await writeFile(file, JSON.stringify(config))
}

type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] }

/** Rewrites the header, and leaves the tensors' bytes as they are. */
async function editHeader(change: (header: Record<string, Entry>) => void) {
  const bytes = await readFile(weights)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, Entry>
  change(header)
  const json = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(json.length))
  await writeFile(weights, Buffer.concat([prefix, json, bytes.subarray(8 + length)]))
}

const describing = () => describeModel({ checkpoint: folder })
const query = 'wav2vec2.encoder.layers.1.attention.q_proj.weight'

describe('weights', () => {
  test('a missing tensor is named', async () => {
    await editHeader((header) => {
      header['elsewhere'] = header[query]!
      delete header[query]
    })
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: `${query} [12, 12]`, where: { file: weights, tensor: query } },
    })
  })

  test('a shape that does not match the config is named, with both shapes', async () => {
    await editHeader((header) => void (header[query].shape = [6, 24]))
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { expected: '[12, 12]', found: '[6, 24]', where: { file: weights, tensor: query } },
    })
  })

  test('a config for a larger model is caught at the first tensor that differs', async () => {
    await editConfig((config) => void (config.intermediate_size = 24))
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: {
        expected: '[24, 12]',
        found: '[20, 12]',
        where: { tensor: 'wav2vec2.encoder.layers.0.feed_forward.intermediate_dense.weight' },
      },
    })
  })

  test('a type that is not computed with is named', async () => {
    await editHeader((header) => void (header[query].dtype = 'I32'))
    await expect(describing()).rejects.toMatchObject({
      code: 'CONFIG_UNSUPPORTED',
      parts: { expected: 'F32, F16 or BF16', found: 'I32', where: { tensor: query } },
    })
  })

  test('of something else altogether', async () => {
    await editHeader((header) => {
      for (const name of Object.keys(header)) {
        header[`gpt.${name.length}.${name.at(-1)}.${header[name].data_offsets?.[0]}`] = header[name]!
        delete header[name]
      }
    })
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { found: expect.stringMatching(/^none among/) },
    })
  })

  test('of two models in one file', async () => {
    await editHeader((header) => {
      const name = 'wav2vec2.feature_extractor.conv_layers.0.conv.weight'
      header[`teacher.${name}`] = { dtype: 'F32', shape: [0], data_offsets: [0, 0] }
    })
    await expect(describing()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID', parts: { found: '2 of them' } })
  })

  test('cut short', async () => {
    await truncate(weights, (await readFile(weights)).length - 1)
    await expect(describing()).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { where: { file: weights } },
    })
    await truncate(weights, 100)
    await expect(describing()).rejects.toMatchObject({ code: 'FORMAT_INVALID', parts: { where: { file: weights } } })
  })

  test('missing', async () => {
    await rm(weights)
    await expect(describing()).rejects.toMatchObject({ code: 'FILE_MISSING', parts: { where: { file: weights } } })
  })

  test('that are a folder', async () => {
    await rm(weights)
    await mkdir(weights)
    await expect(describing()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })

  test.each(['pytorch_model.bin', 'checkpoint.pt', 'model.ckpt', 'weights.pth'])(
    'pickled, as %s, are refused',
    async (name) => {
      await rename(weights, join(folder, name))
      const error = await describing().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'PICKLE_REFUSED', parts: { where: { file: join(folder, name) } } })
      expect((error as HeschlError).message).toContain('safe_serialization=True')
    },
  )

  // What begins a file of torch.save, now and before PyTorch 1.6, and a plain pickle.
  test.each([
    ['504b03040000080800000000', true],
    ['80028a0a6cfc9c46f920', true],
    ['8005950a000000000000007d94', true],
    // A header of 640 bytes, cut short, is no pickle.
    ['8002000000000000', false],
  ])('that begin with %s under the name of safetensors are a pickle: %s', async (start, pickle) => {
    await writeFile(weights, Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(64)]))
    const error = await describing().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: pickle ? 'PICKLE_REFUSED' : 'FORMAT_INVALID',
      parts: { where: { file: weights } },
    })
    expect((error as HeschlError).message.includes('pytorch_model.bin again')).toBe(pickle)
  })

  test('pickled weights beside sound ones do not matter', async () => {
    await writeFile(join(folder, 'pytorch_model.bin'), 'pickle')
    expect((await describing()).layers.length).toBe(8)
  })

  test('with values that are not numbers give NUMERICAL, not NaN', async () => {
    const bytes = await readFile(weights)
    bytes.fill(0xff, bytes.length - 4000)
    await writeFile(weights, bytes)
    const model = await openModel({ checkpoint: folder }, { layers: ['transf1'], threads: 1 })
    await expect(model.run(await readAudio())).rejects.toMatchObject({ code: 'NUMERICAL' })
    await model.close()
  })

  const links = process.platform !== 'win32'
  test.skipIf(!links)(
    'behind a link, as in the Hugging Face cache (Windows allows links to administrators)',
    async () => {
      const blobs = join(root, 'blobs')
      await mkdir(blobs)
      await rename(weights, join(blobs, '0123abcd'))
      await symlink(join(blobs, '0123abcd'), weights)
      const run = async (checkpoint: string) => {
        const model = await openModel({ checkpoint }, { layers: ['transf1'], threads: 1 })
        const found = (await model.run(await readAudio())).get('transf1')!
        await model.close()
        return found
      }
      expect(await run(folder)).toEqual(await run(folderOf('group-stable')))
    },
  )
})

test('a header changed anywhere gives a description or a HeschlError', async () => {
  const original = await readFile(weights)
  const headerBytes = Number(original.readBigUInt64LE(0))
  // Printable bytes keep much of the JSON whole, so that names, shapes and types change as often as syntax.
  const change = fc.record({
    at: fc.integer({ min: 8, max: 7 + headerBytes }),
    byte: fc.integer({ min: 0x20, max: 0x7d }),
  })
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const bytes = Buffer.from(original)
      for (const { at, byte } of changes) bytes[at] = byte
      await writeFile(weights, bytes)
      const result = await describing().catch((thrown: unknown) => thrown)
      if (result instanceof Error) expect(result).toBeInstanceOf(HeschlError)
      const outcome = result instanceof HeschlError ? result.code : 'described'
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
    }),
    { numRuns: 1000 },
  )
  expect([...seen.keys()].sort()).toEqual(expect.arrayContaining(['CHECKPOINT_INVALID', 'FORMAT_INVALID']))
  expect(seen.has('INTERNAL')).toBe(false)
})

describe('the folder', () => {
  test('missing', async () => {
    const checkpoint = join(root, 'nowhere')
    await expect(describeModel({ checkpoint })).rejects.toMatchObject({
      code: 'FILE_MISSING',
      parts: { where: { file: checkpoint } },
    })
  })

  test('that is a file', async () => {
    await expect(describeModel({ checkpoint: weights })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    const pickle = join(folder, 'model.pt')
    await writeFile(pickle, '')
    await expect(describeModel({ checkpoint: pickle })).rejects.toMatchObject({ code: 'PICKLE_REFUSED' })
  })

  test('its files are what defines the model', async () => {
    const files = ['config.json', 'model.safetensors', 'preprocessor_config.json'].map((name) => join(folder, name))
    expect(await modelFiles({ checkpoint: folder })).toEqual(files)
    await rm(files[2])
    expect(await modelFiles({ checkpoint: folder })).toEqual(files.slice(0, 2))
  })
})

describe('config.json', () => {
  test('missing', async () => {
    await rm(join(folder, 'config.json'))
    await expect(describing()).rejects.toMatchObject({
      code: 'FILE_MISSING',
      parts: { where: { file: join(folder, 'config.json') } },
    })
  })

  test.each(['', '{', '[]', 'null', '1', `"${'x'.repeat(2_000_000)}"`])('that is not an object', async (text) => {
    await writeFile(join(folder, 'config.json'), text)
    await expect(describing()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })

  test.each([
    ['model_type', 'bert'],
    ['model_type', undefined],
    ['add_adapter', true],
    ['adapter_attn_dim', 16],
    ['hidden_act', 'relu'],
    ['feat_extract_activation', 'relu'],
  ])('with %s = %s is not supported', async (key, value) => {
    await editConfig((config) => void (config[key] = value))
    const error = await describing().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'CONFIG_UNSUPPORTED', parts: { where: { file: join(folder, 'config.json') } } })
    expect((error as HeschlError).message).toContain(key)
  })

  test.each([
    ['hidden_size', 0],
    ['hidden_size', 13],
    ['hidden_size', '12'],
    ['hidden_size', 1e300],
    ['num_hidden_layers', 1e9],
    ['num_hidden_layers', 1.5],
    ['num_attention_heads', -3],
    ['num_conv_pos_embedding_groups', 5],
    ['layer_norm_eps', 0],
    ['feat_extract_norm', 'batch'],
    ['conv_dim', []],
    ['conv_dim', [6, 8]],
    ['conv_stride', [5, 4, 0]],
    ['conv_stride', [10_000, 10_000, 10_000]],
    ['conv_kernel', 'many'],
    ['do_stable_layer_norm', 'yes'],
    ['conv_bias', 1],
  ])('with %s = %j makes no sense', async (key, value) => {
    await editConfig((config) => void (config[key] = value))
    const error = await describing().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' })
    expect((error as HeschlError).parts.found).toMatch(key === 'conv_stride' ? /stride/ : key)
  })

  test('whatever its values: a description or a HeschlError', async () => {
    const original = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>
    const keys = Object.keys(original).filter((key) => /hidden|num_|conv|norm|inter|adapter|model_type/.test(key))
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }),
        async (values) => {
          await writeFile(join(folder, 'config.json'), JSON.stringify({ ...original, ...values }))
          const result = await describing().catch((thrown: unknown) => thrown)
          if (result instanceof Error) expect(result).toBeInstanceOf(HeschlError)
          else expect(result).toHaveProperty('layers')
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('preprocessor_config.json', () => {
  const preprocessor = 'preprocessor_config.json'

  test('decides whether windows are normalised', async () => {
    expect((await describing()).normalize).toBe(true)
    await editConfig((config) => void (config.do_normalize = false), preprocessor)
    expect((await describing()).normalize).toBe(false)
    await editConfig((config) => void delete config.do_normalize, preprocessor)
    expect((await describing()).normalize).toBe(true)
    await rm(join(folder, preprocessor))
    expect((await describing()).normalize).toBe(false)
  })

  test.each([
    ['do_normalize', 'yes', 'CHECKPOINT_INVALID'],
    ['sampling_rate', 8000, 'CONFIG_UNSUPPORTED'],
  ])('with %s = %s', async (key, value, code) => {
    await editConfig((config) => void (config[key] = value), preprocessor)
    await expect(describing()).rejects.toMatchObject({ code, parts: { where: { file: join(folder, preprocessor) } } })
  })
})

describe('layers by name', () => {
  test('all, the paper’s, and a choice in any order', async () => {
    const stable = await describeModel({ checkpoint: folderOf('wav2vec2-stable-1') })
    const all = [...Array(7).keys()].map((i) => `conv${i}`)
    all.push('projection', 'embedding', 'transf0', 'transf1', 'transf2', 'transf2.norm')
    expect(layersNamed(stable, 'all')).toEqual(all)
    expect(layersNamed(stable, 'lpp')).toEqual(['conv4', 'conv5', 'conv6', 'transf0', 'transf1', 'transf2'])
    expect(layersNamed(stable, ['transf1', 'conv0', 'transf1'])).toEqual(['conv0', 'transf1'])
  })

  test('15 layers of the base model are the paper’s', async () => {
    const base = await describeModel({ architecture: 'wav2vec2-base', seed: 1 })
    const transf = Array.from({ length: 12 }, (_, i) => `transf${i}`)
    expect(layersNamed(base, 'lpp')).toEqual(['conv4', 'conv5', 'conv6', ...transf])
  })

  test('that the model lacks are refused, with a suggestion', async () => {
    const description = await describing()
    expect(() => layersNamed(description, ['trans1'])).toThrow('Did you mean "transf1"?')
    expect(() => layersNamed(description, ['transf2'])).toThrow(HeschlError)
    expect(() => layersNamed(description, [])).toThrow('No layers are named')
    await expect(openModel({ checkpoint: folder }, { layers: ['transf9'] })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  })
})

test('a window too long for memory is refused before it is run', async () => {
  const model = await openModel({ architecture: 'wav2vec2-demo', seed: 1 }, { layers: ['conv6'], threads: 1 })
  await expect(model.run(new Float32Array(16_000 * 400))).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    parts: { expected: 'a window of at most 327 s for this model', found: '400.0 s' },
  })
  await model.close()
})
