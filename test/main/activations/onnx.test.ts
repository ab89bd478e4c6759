/** ONNX models through taps. The oracle is torch's own forward pass (test/reference/onnx/make.py). */
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  describeModel,
  listTaps,
  modelFiles,
  openModel,
  streamActivations,
} from '../../../src-main/activations/index.ts'
import { framesIn } from '../../../src-main/activations/index.ts'
import type { ModelSource } from '../../../src-main/activations/index.ts'
import { encodeOnnx } from '../../../src-main/formats/onnx.ts'
import type { OnnxGraph } from '../../../src-main/formats/onnx.ts'
import { largestDifference, readTensors } from './reference.ts'

const folder = fileURLToPath(new URL('../../reference/onnx/', import.meta.url))
const reference = await readTensors(join(folder, 'activations.safetensors'))
const audio = reference.get('audio')!.data

type Taps = readonly string[] | Readonly<Record<string, string>>
const source = (file: string, taps: Taps, more: object = {}): ModelSource => ({
  onnx: file.startsWith('/') ? file : join(folder, `${file}.onnx`),
  taps,
  input: { normalize: false },
  ...more,
})

async function activations(from: ModelSource, samples: Float32Array) {
  const { layers } = await describeModel(from)
  const model = await openModel(from, { layers: layers.map(({ name }) => name), threads: 1 })
  const taken = await model.run(samples)
  await model.close()
  return taken
}

const older = {
  'conv*': '/convs.*/Conv_output_0',
  'block*': '/blocks.*/last/LayerNormalization_output_0',
  head: 'logits',
}
const newer = {
  conv0: 'conv1d',
  conv1: 'conv1d_1',
  conv2: 'conv1d_2',
  block0: 'layer_norm_1',
  block1: 'layer_norm_3',
  head: 'logits',
}

describe('agree with torch to 1e-4 of their SD, every layer', () => {
  test.each([
    ['as the older exporter writes it', 'encoder', older],
    ['with its weights in another file, as the present exporter writes it', 'external', newer],
  ] as const)('%s', async (_, file, taps) => {
    const taken = await activations(source(file, taps), audio)
    expect([...taken.keys()]).toEqual(['conv0', 'conv1', 'conv2', 'block0', 'block1', 'head'])
    for (const [layer, { data, rows, cols }] of taken) {
      const expected = reference.get(layer)!
      expect([layer, rows, cols]).toEqual([layer, ...expected.shape])
      // float32 on both sides, in another order of summation.
      expect(largestDifference(data, expected.data), layer).toBeLessThan(1e-4)
    }
  })

  test('with a mask over the audio, which is all ones', async () => {
    const taken = await activations(source('masked', ['/encoder/blocks.*/last/*']), audio)
    const [first, second] = [...taken.values()]
    expect(largestDifference(first.data, reference.get('block0')!.data)).toBeLessThan(1e-4)
    expect(largestDifference(second.data, reference.get('block1')!.data)).toBeLessThan(1e-4)
  })
})

test('layers are placed in time as their convolutions say', async () => {
  const { layers, normalize } = await describeModel(source('encoder', older))
  const places = layers.map(({ name, units, hop, receptiveField, firstCentre }) => [
    name,
    units,
    hop,
    receptiveField,
    firstCentre,
  ])
  // Kernels 10, 8, 6 and strides 5, 4, 4.
  expect(places).toEqual([
    ['conv0', 12, 5, 10, 4.5],
    ['conv1', 16, 20, 45, 22],
    ['conv2', 24, 80, 145, 72],
    ['block0', 24, 80, 145, 72],
    ['block1', 24, 80, 145, 72],
    ['head', 7, 80, 145, 72],
  ])
  expect(normalize).toBe(false)
})

test('a choice of layers computes the same, with less of the graph', async () => {
  const from = source('encoder', older)
  const model = await openModel(from, { layers: ['conv1'], threads: 1 })
  const taken = await model.run(audio)
  await model.close()
  expect([...taken.keys()]).toEqual(['conv1'])
  expect(largestDifference(taken.get('conv1')!.data, reference.get('conv1')!.data)).toBeLessThan(1e-4)
})

test('a recording in windows has the frames of one piece, where frames depend on nothing around', async () => {
  const from = source('encoder', { 'conv*': '/convs.*/Conv_output_0' })
  const model = await openModel(from, { layers: ['conv0', 'conv1', 'conv2'], threads: 1 })
  const blocks = new Map<string, number[]>()
  const options = { windowSeconds: 0.1, strideSeconds: 0.05 }
  await streamActivations(model, audio, {
    ...options,
    onBlock: (layer, _, { data }) => void blocks.set(layer, [...(blocks.get(layer) ?? []), ...data]),
  })
  await model.close()
  for (const layer of ['conv0', 'conv1', 'conv2'])
    expect(largestDifference(Float32Array.from(blocks.get(layer)!), reference.get(layer)!.data), layer).toBeLessThan(
      1e-4,
    )
})

describe('taps', () => {
  test('a name, or * for any characters; each value once, in the order of computation', async () => {
    const taps = ['logits', '/blocks.*/last/*', '/blocks.0/last/LayerNormalization_output_0']
    const { layers } = await describeModel(source('encoder', taps))
    expect(layers.map(({ name }) => name)).toEqual([
      '/blocks.0/last/LayerNormalization_output_0',
      '/blocks.1/last/LayerNormalization_output_0',
      'logits',
    ])
  })

  test('one that finds nothing names what is near', async () => {
    await expect(describeModel(source('encoder', ['/blcks.1/last/Layer']))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('/blocks.1/last/LayerNormalization_output_0') as string,
    })
  })

  test('two values cannot have one name', async () => {
    await expect(describeModel(source('encoder', { block: '/blocks.*/last/*' }))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      summary: 'Two values of the model would be the layer "block"',
    })
  })

  test.each([
    ['a value that does not grow with the audio', '/blocks.0/attention/Constant_output_0'],
    ['two dimensions that grow, as of attention', '/blocks.0/attention/Softmax_output_0'],
  ])('%s is no layer', async (_, tensor) => {
    await expect(describeModel(source('encoder', [tensor]))).rejects.toMatchObject({
      code: expect.stringMatching(/CONFIG_UNSUPPORTED/) as string,
    })
  })

  test('a hop that is said is held against the model', async () => {
    const taps = ['logits']
    await describeModel(source('encoder', taps, { hop: 0.005 }))
    await expect(describeModel(source('encoder', taps, { hop: 0.02 }))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('0.005 s') as string,
    })
  })

  test('are listed with types and shapes, said or inferred', async () => {
    const { inputs, outputs, values } = await listTaps(join(folder, 'encoder.onnx'))
    expect(inputs).toEqual([{ name: 'audio', type: 'float32', shape: ['batch', 'samples'] }])
    expect(outputs).toEqual(['logits'])
    expect(values).toContainEqual({
      name: '/convs.1/Conv_output_0',
      op: 'Conv',
      type: 'float32',
      shape: ['batch', 16, '?'],
    })
    expect(values.some(({ op }) => op === 'Constant')).toBe(false)
    const external = await listTaps(join(folder, 'external.onnx'))
    expect(external.values.find(({ name }) => name === 'layer_norm_3')).toMatchObject({
      shape: [1, expect.any(String), 24],
    })
  })
})

describe('graphs of our own, read back', () => {
  let scratch: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'heschl-onnx-'))
  })
  afterAll(() => rm(scratch, { recursive: true, force: true }))

  const kernel = Float32Array.from({ length: 3 * 400 }, (_, i) => Math.sin(i))
  const weight = { name: 'w', shape: [3, 1, 400], data: new Uint8Array(kernel.buffer) }
  const graph = (more: Partial<OnnxGraph> = {}, pads: readonly number[] = [0, 0]): OnnxGraph => ({
    name: 'test',
    nodes: [
      {
        op: 'Conv',
        inputs: ['x', 'w'],
        outputs: ['frames'],
        attributes: { strides: [160], pads, kernel_shape: [400] },
      },
      { op: 'Relu', inputs: ['frames'], outputs: ['y'], attributes: {} },
    ],
    weights: [weight],
    constants: [],
    inputs: [{ name: 'x', shape: [1, 1, 'samples'] }],
    outputs: [{ name: 'y', shape: [1, 3, 'f'] }],
    ...more,
  })
  const write = async (name: string, made: OnnxGraph) => {
    const file = join(scratch, name)
    await writeFile(file, encodeOnnx(made))
    return file
  }

  test('frames of a convolution, as computed here', async () => {
    const taken = await activations(source(await write('plain.onnx', graph()), ['frames']), audio)
    const { data, rows, cols } = taken.get('frames')!
    expect([rows, cols]).toEqual([23, 3])
    const expected = Float32Array.from({ length: rows * cols }, (_, i) => {
      const [frame, unit] = [Math.floor(i / cols), i % cols]
      let sum = 0
      for (let k = 0; k < 400; k++) sum += audio[frame * 160 + k] * kernel[unit * 400 + k]
      return sum
    })
    expect(largestDifference(data, expected)).toBeLessThan(1e-5)
  })

  test('frames that need samples after the end are left out of a model that pads', async () => {
    const from = source(await write('padded.onnx', graph({}, [200, 200])), ['frames'])
    const [layer] = (await describeModel(from)).layers
    // N = ⌊L / 160⌋ + 1: the first frame is centred on the first sample, but for half of one.
    expect(layer).toMatchObject({ hop: 160, receptiveField: 160, firstCentre: -0.5 })
    const { rows } = (await activations(from, audio)).get('frames')!
    expect(rows).toBe(25)
    expect(rows).toBe(framesIn(audio.length, layer))
  })

  test('a layer may have the name of another value of the graph', async () => {
    const taken = await activations(source(await write('swapped.onnx', graph()), { frames: 'y' }), audio)
    expect(taken.get('frames')!.data.every((value) => value >= 0)).toBe(true)
  })

  test.each([
    ['a fixed length', graph({ inputs: [{ name: 'x', shape: [1, 1, 16_000] }] })],
    ['frames of mel instead of a waveform', graph({ inputs: [{ name: 'x', shape: [1, 80, 'samples'] }] })],
    [
      'a second input of numbers',
      graph({
        nodes: [{ op: 'Add', inputs: ['x', 'z'], outputs: ['frames'], attributes: {} }],
        inputs: [
          { name: 'x', shape: ['samples'] },
          { name: 'z', shape: ['samples'] },
        ],
      }),
    ],
  ])('%s is refused', async (name, made) => {
    const file = await write(`${name.slice(0, 7)}.onnx`, made)
    await expect(describeModel(source(file, ['frames']))).rejects.toMatchObject({ code: 'CONFIG_UNSUPPORTED' })
  })

  test('what ONNX Runtime does not take is told with its words', async () => {
    const nodes = [{ op: 'NoSuchOperator', inputs: ['x'], outputs: ['y'], attributes: {} }]
    const file = await write('unknown.onnx', graph({ nodes }))
    await expect(describeModel(source(file, ['y']))).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('NoSuchOperator') as string,
    })
  })

  describe('weights in other files', () => {
    const external = (location: string, offset = 0, bytes = 4800) =>
      graph({ weights: [{ name: 'w', shape: [3, 1, 400], location, offset, bytes }] })
    beforeAll(async () => {
      await writeFile(join(scratch, 'w.bin'), new Uint8Array(kernel.buffer))
      await mkdir(join(scratch, 'sub'))
    })

    test.each(['../w.bin', '/etc/hostname', 'sub/../../w.bin', 'a\\b', 'C:w.bin', '', 'sub', 'absent.bin', './/w.bin'])(
      'not at %j',
      async (location) => {
        const file = await write('escapes.onnx', external(location))
        await expect(describeModel(source(file, ['y']))).rejects.toMatchObject({
          code: 'CHECKPOINT_INVALID',
          summary: 'A weight of this ONNX model is not where the model says it is',
        })
      },
    )

    test.each([
      ['beyond the end', 8, 4800],
      ['of another length than its shape', 0, 4000],
    ])('not %s', async (_, offset, bytes) => {
      const file = await write('short.onnx', external('w.bin', offset, bytes))
      await expect(describeModel(source(file, ['y']))).rejects.toMatchObject({
        code: 'CHECKPOINT_INVALID',
        parts: { where: { file, tensor: 'w' } },
      })
    })

    test('through links, as caches of models have them', async () => {
      const cache = join(scratch, 'cache')
      await mkdir(join(cache, 'blobs'), { recursive: true })
      await mkdir(join(cache, 'snapshot'))
      await copyFile(join(folder, 'external.onnx'), join(cache, 'blobs', 'one'))
      await copyFile(join(folder, 'external.onnx.data'), join(cache, 'blobs', 'two'))
      await symlink('../blobs/one', join(cache, 'snapshot', 'external.onnx'))
      await symlink('../blobs/two', join(cache, 'snapshot', 'external.onnx.data'))
      const from = source(join(cache, 'snapshot', 'external.onnx'), newer)
      expect(
        largestDifference((await activations(from, audio)).get('block1')!.data, reference.get('block1')!.data),
      ).toBeLessThan(1e-4)
      expect(await modelFiles(from)).toEqual(
        ['external.onnx', 'external.onnx.data'].map((name) => join(cache, 'snapshot', name)),
      )
    })
  })
})
