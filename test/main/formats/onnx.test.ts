/** The oracle is ONNX Runtime: it has to read our bytes as the graph that was meant. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeOnnx, type OnnxGraph } from '../../../src-main/formats/onnx.ts'
import { Message } from '../../../src-main/formats/protobuf.ts'

describe('protobuf', () => {
  // The first three are the examples of https://protobuf.dev/programming-guides/encoding.
  test.each([
    ['integer 150', new Message().integer(1, 150), '089601'],
    ['string', new Message().string(2, 'testing'), '120774657374696e67'],
    ['message', new Message().message(3, new Message().integer(1, 150)), '1a03089601'],
    ['zero', new Message().integer(1, 0), '0800'],
    ['minus one', new Message().integer(1, -1), '08ffffffffffffffffff01'],
    ['a large field', new Message().integer(20, 1), 'a00101'],
    ['float', new Message().float(2, 1), '150000803f'],
    ['bytes', new Message().raw(9, Uint8Array.of(1, 0, 255)), '4a030100ff'],
    ['UTF-8', new Message().string(1, 'é'), '0a02c3a9'],
    ['nothing', new Message(), ''],
  ])('%s', (_, message, hex) => {
    expect(Buffer.from(message.bytes()).toString('hex')).toBe(hex)
  })

  test('varints of every size are read back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = new Message().integer(1, value).bytes().subarray(1)
        let read = 0n
        bytes.forEach((byte, i) => (read |= BigInt(byte & 0x7f) << BigInt(7 * i)))
        expect(Number(BigInt.asIntN(64, read))).toBe(value)
        expect(bytes.every((byte, i) => byte >> 7 === Number(i < bytes.length - 1))).toBe(true)
      }),
    )
  })
})

describe('onnx', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heschl-onnx-'))
    await writeFile(join(folder, 'weights.bin'), new Uint8Array([9, 9, 9, ...new Uint8Array(weights.buffer)]))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const weights = Float32Array.of(1, 2, 3, 4, 5, 6)
  const external = { name: 'w', shape: [2, 3], location: 'weights.bin', offset: 3, bytes: 24 }
  const inline = { name: 'w', shape: [2, 3], data: new Uint8Array(weights.buffer) }

  /** y = reshape(x wᵀ · 0.5, [n, 1, 2]), with every kind of attribute on the way. */
  const graph = (weight: OnnxGraph['weights'][number]): OnnxGraph => ({
    name: 'test',
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w', ''], outputs: ['a'], attributes: { transB: 1, alpha: { float: 0.5 } } },
      { op: 'Mul', inputs: ['a', 'two'], outputs: ['b'], attributes: {} },
      { op: 'Transpose', inputs: ['b'], outputs: ['c'], attributes: { perm: [1, 0] } },
      { op: 'Transpose', inputs: ['c'], outputs: ['d'], attributes: { perm: [1, 0] } },
      { op: 'Gelu', inputs: ['d'], outputs: ['e'], attributes: { approximate: 'tanh' } },
      { op: 'Reshape', inputs: ['d', 'shape'], outputs: ['y'], attributes: {} },
      { op: 'Softmax', inputs: ['e'], outputs: ['z'], attributes: { axis: -1 } },
    ],
    weights: [weight],
    constants: [
      { name: 'two', float: 2 },
      { name: 'shape', integers: [-1, 1, 2] },
    ],
    inputs: [{ name: 'x', shape: ['n', 3] }],
    outputs: [
      { name: 'y', shape: ['n', 1, 2] },
      { name: 'z', shape: ['n', 2] },
    ],
  })

  const run = async (session: InferenceSession) => {
    const x = new Tensor('float32', Float32Array.of(1, 0, 0, 1, 1, 1), [2, 3])
    const { y, z } = await session.run({ x })
    await session.release()
    expect(y.dims).toEqual([2, 1, 2])
    expect([...(y.data as Float32Array)]).toEqual([1, 4, 6, 15])
    const gelu = (v: number) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))
    const share = 1 / (1 + Math.exp(gelu(4) - gelu(1)))
    expect((z.data as Float32Array)[0]).toBeCloseTo(share, 6)
  }

  test('weights inside the model', async () => {
    await run(await InferenceSession.create(encodeOnnx(graph(inline))))
  })

  test('weights in a file, at an offset that is not aligned', async () => {
    const extra = { session: { model_external_initializers_file_folder_path: folder } }
    await run(await InferenceSession.create(encodeOnnx(graph(external)), { extra }))
  })

  test('weights in memory', async () => {
    const data = new Uint8Array([9, 9, 9, ...new Uint8Array(weights.buffer)])
    await run(
      await InferenceSession.create(encodeOnnx(graph(external)), { externalData: [{ path: 'weights.bin', data }] }),
    )
  })

  test('names and shapes are the session’s', async () => {
    const session = await InferenceSession.create(encodeOnnx(graph(inline)))
    expect(session.inputNames).toEqual(['x'])
    expect(session.outputNames).toEqual(['y', 'z'])
    expect(session.inputMetadata[0]).toMatchObject({ name: 'x', type: 'float32', shape: ['n', 3] })
    await session.release()
  })
})
