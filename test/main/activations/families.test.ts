/** HuBERT, WavLM and data2vec-audio against transformers: see test/reference/activations/README.md. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeModel, layersNamed, openModel } from '../../../src-main/activations/index.ts'
import { relativeBuckets } from '../../../src-main/activations/relativePosition.ts'
import type { HeschlError } from '../../../src-main/errors.ts'
import { everyRow, folderOf, largestDifference, readAudio, readTensors } from './reference.ts'

/** What generate_families.py's audio is made of: turns of the stored audio, every other one backwards. */
const gains = [1, 0.5, 0.75, 1.25, 0.25]

async function audioOf(length: 'short' | 'long'): Promise<Float32Array> {
  const audio = await readAudio()
  if (length === 'short') return audio.slice(0, 6400)
  const backwards = audio.toReversed()
  return Float32Array.from(gains.flatMap((gain, i) => Array.from(i % 2 ? backwards : audio, (x) => x * gain)))
}

const models = [
  'hubert-1',
  'hubert-large',
  'hubert-batch-norm',
  'hubert-sharded',
  'data2vec-audio-1',
  'data2vec-audio-even',
  'data2vec-audio-wide',
  'wavlm-1',
  'wavlm-stable',
  'wavlm-post',
  'wavlm-float16',
]

describe.each(models)('%s', (name) => {
  const source = { checkpoint: folderOf(name) }

  test.each(['short', 'long'] as const)('every layer of the %s audio agrees to 1e-4 of its SD', async (length) => {
    const expected = await readTensors(join(folderOf(name), 'reference.safetensors'))
    const layers = layersNamed(await describeModel(source), 'all')
    const model = await openModel(source, { layers, threads: 1 })
    const found = await model.run(await audioOf(length))
    await model.close()
    const named = [...expected.keys()].filter((key) => key.startsWith(`${length}/`))
    expect(new Set(named)).toEqual(new Set(layers.map((layer) => `${length}/${layer}`)))
    for (const [layer, activation] of found) {
      const rows = everyRow(activation, Math.ceil(activation.rows / 40))
      expect(largestDifference(rows, expected.get(`${length}/${layer}`)!.data), layer).toBeLessThan(1e-4)
    }
  })
})

test('WavLM puts every distance into the bucket that torch puts it into', async () => {
  const text = await readFile(folderOf('wavlm-buckets.json'), 'utf8')
  const table = JSON.parse(text) as {
    readonly num_buckets: number
    readonly max_bucket_distance: number
    /** The distance of the first of `buckets`, beyond the furthest that has a bucket of its own. */
    readonly first: number
    readonly buckets: readonly number[]
  }[]
  expect(table.length).toBe(8)
  for (const { num_buckets: count, max_bucket_distance: furthest, first, buckets } of table) {
    const found = relativeBuckets(count, furthest)
    const bounded = buckets.map((_, i) => Math.max(-furthest, Math.min(furthest, first + i)))
    expect(bounded.map((distance) => found[distance + furthest])).toEqual(buckets)
  }
})

test('WavLM takes shorter windows, for its positions need as much memory as the scores', async () => {
  const longest = async (name: string) => {
    const model = await openModel({ checkpoint: folderOf(name) }, { layers: ['conv0'], threads: 1 })
    const thrown: unknown = await model.run(new Float32Array(16_000 * 1000)).catch((error: unknown) => error)
    await model.close()
    return (thrown as HeschlError).parts.expected
  }
  // √(4 GiB / (4 bytes · 4 heads · 2)) frames of 20 ms, and without the 2.
  expect(await longest('wavlm-1')).toBe('a window of at most 231 s for this model')
  expect(await longest('hubert-1')).toBe('a window of at most 327 s for this model')
})

test('a description names the family', async () => {
  const description = async (name: string) => (await describeModel({ checkpoint: folderOf(name) })).description
  expect(await description('hubert-1')).toMatch(/^HuBERT, 3 blocks of 48 units/)
  expect(await description('wavlm-1')).toMatch(/^WavLM, 3 blocks of 48 units/)
  expect(await description('data2vec-audio-1')).toMatch(/^data2vec-audio, 3 blocks of 48 units/)
})

describe('a config that', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'heschl-families-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  /** A description of a fixture after its config.json was changed. */
  async function changed(name: string, values: Readonly<Record<string, unknown>>) {
    const checkpoint = join(root, name)
    await cp(folderOf(name), checkpoint, { recursive: true })
    const file = join(checkpoint, 'config.json')
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
    await writeFile(file, JSON.stringify({ ...config, ...values }))
    return describeModel({ checkpoint })
  }

  test.each(['unispeech', 'constructor', 7, null])(
    'is of the family %j is refused, with those there are',
    async (type) => {
      await expect(changed('hubert-large', { model_type: type })).rejects.toMatchObject({
        code: 'CONFIG_UNSUPPORTED',
        parts: {
          expected: '"model_type": "wav2vec2" or "hubert" or "wavlm" or "data2vec-audio" or "whisper"',
          found: `"model_type": ${JSON.stringify(type)}`,
        },
      })
    },
  )

  test.each([
    ['hubert-large', { conv_pos_batch_norm: true }, 'hubert.encoder.pos_conv_embed.batch_norm.weight'],
    // What the config leaves out is found as well.
    ['hubert-batch-norm', { conv_pos_batch_norm: false }, 'hubert.encoder.pos_conv_embed.batch_norm.bias'],
    ['hubert-large', { feat_proj_layer_norm: false }, 'hubert.feature_projection.layer_norm.bias'],
    ['wavlm-stable', { model_type: 'wav2vec2' }, 'wavlm.encoder.layers.0.attention.gru_rel_pos_const'],
    ['wavlm-1', { num_hidden_layers: 2 }, 'encoder.layers.2.attention.gru_rel_pos_const'],
    ['hubert-batch-norm', { feat_proj_layer_norm: true }, 'hubert.feature_projection.layer_norm.weight'],
    ['hubert-1', { model_type: 'data2vec-audio' }, 'feature_extractor.conv_layers.1.layer_norm.weight'],
    ['data2vec-audio-even', { model_type: 'wav2vec2' }, 'data2vec_audio.encoder.pos_conv_embed.conv.weight'],
    ['wavlm-stable', { num_buckets: 18 }, 'wavlm.encoder.layers.0.attention.rel_attn_embed.weight'],
    ['hubert-1', { model_type: 'wavlm' }, 'encoder.layers.0.attention.rel_attn_embed.weight'],
    ['data2vec-audio-1', { num_conv_pos_embeddings: 4 }, 'encoder.pos_conv_embed.layers.3.conv.weight'],
    ['data2vec-audio-1', { conv_pos_kernel_size: 8 }, 'encoder.pos_conv_embed.layers.0.conv.weight'],
  ])('of %s has %j does not match its weights', async (name, values, tensor) => {
    await expect(changed(name, values)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { where: { tensor } },
    })
  })

  test.each([
    ['hubert-1', { feat_proj_layer_norm: 'yes' }, 'feat_proj_layer_norm'],
    ['hubert-1', { conv_pos_batch_norm: 1 }, 'conv_pos_batch_norm'],
    ['wavlm-1', { num_buckets: 3 }, 'num_buckets'],
    ['wavlm-1', { max_bucket_distance: 8 }, 'max_bucket_distance'],
    ['wavlm-1', { max_bucket_distance: 1e9 }, 'max_bucket_distance'],
    ['data2vec-audio-1', { conv_pos_kernel_size: 0 }, 'conv_pos_kernel_size'],
    ['data2vec-audio-1', { num_conv_pos_embeddings: 1000 }, 'num_conv_pos_embeddings'],
  ])('of %s has %j makes no sense', async (name, values, key) => {
    await expect(changed(name, values)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      parts: { found: expect.stringContaining(key) },
    })
  })

  test('of data2vec-audio names norms it has no choice of is computed as transformers does: without a look', async () => {
    const values = { do_stable_layer_norm: true, feat_extract_norm: 'group' }
    const { layers } = await changed('data2vec-audio-1', values)
    expect(layers).toEqual((await describeModel({ checkpoint: folderOf('data2vec-audio-1') })).layers)
  })
})
