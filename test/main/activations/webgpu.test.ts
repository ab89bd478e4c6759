/** WebGPU's numbers against the CPU's, on SwiftShader: the true path of a GPU, computed without one. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { noSwiftShader, swiftShaderEnvironment } from '../../support/unpackChromium.ts'
import { wavBytes } from '../../support/smallStudy.ts'
import { heschl } from '../cli/heschl.ts'
import { folderOf, largestDifference, longAudio, readTensors } from './reference.ts'

/**
 * Of a layer's SD. Measured: below 1.6e-5 for these models and 2.4e-5 for wav2vec2-base; kernels that were wrong, which
 * no error tells of, were at 0.2 and more.
 */
const tolerance = 1e-4
const skipped = noSwiftShader === '' ? '' : ` (skipped: ${noSwiftShader})`

/**
 * Batch norm, layer norm, gated positions, positions of several layers; even and odd widths. Group norm is in the command
 * below. Compiling a model's kernels for a processor takes some 20 s: `HESCHL_WEBGPU=all` has the others, too, as is to be
 * done when ONNX Runtime or a model's graph changes.
 */
const models = ['hubert-batch-norm', 'wavlm-stable', 'data2vec-audio-even'].concat(
  process.env['HESCHL_WEBGPU'] === 'all' ? ['wav2vec2-1', 'wav2vec2-stable-1', 'whisper-1'] : [],
)

test.skipIf(skipped !== '')(
  `every layer of every family is the CPU’s${skipped}`,
  async () => {
    const env = { ...process.env, ...(await swiftShaderEnvironment()) }
    const script = resolve('test/main/activations/webgpuModels.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...models], { env })
    const report = JSON.parse(stdout) as Record<string, { layers: Record<string, number>; differenceFromCpu: number }>
    expect(Object.keys(report)).toEqual(models)
    for (const [name, { layers, differenceFromCpu }] of Object.entries(report)) {
      expect(Object.keys(layers).length, name).toBeGreaterThan(5)
      for (const [layer, difference] of Object.entries(layers))
        expect(difference, `${name} ${layer}`).toBeLessThan(tolerance)
      // What the model says of itself, of its first window. Nothing is equal to the last bit: it ran elsewhere.
      expect(differenceFromCpu, name).toBeGreaterThan(0)
      expect(differenceFromCpu, name).toBeLessThan(tolerance)
    }
  },
  600_000,
)

test.skipIf(skipped !== '')(
  `\`heschl extract --provider auto\` finds it, and the report says so${skipped}`,
  async () => {
    Object.assign(process.env, await swiftShaderEnvironment())
    const folder = await mkdtemp(join(tmpdir(), 'heschl-webgpu-'))
    await writeFile(join(folder, 'speech.wav'), wavBytes([await longAudio(20_000)], 16_000))
    const command = ['extract', '--model', folderOf('wav2vec2-1'), '--audio', 'speech.wav', '--layers', 'conv6,transf2']
    const extract = (provider: string) =>
      heschl(folder, ...command, '--window', '10/5', '--provider', provider, '--out', `${provider}.st`, '--json')
    const { code, stdout } = await extract('auto')
    expect(code).toBe(0)
    const { files } = JSON.parse(stdout) as { files: { provider: string; differenceFromCpu: number }[] }
    expect(files).toMatchObject([{ provider: 'webgpu' }])
    expect(files[0].differenceFromCpu).toBeGreaterThan(0)
    expect(files[0].differenceFromCpu).toBeLessThan(tolerance)
    expect((await extract('cpu')).code).toBe(0)
    const expected = await readTensors(join(folder, 'cpu.st'))
    const found = await readTensors(join(folder, 'auto.st'))
    expect([...found.keys()]).toEqual(['conv6', 'transf2'])
    for (const [layer, { data }] of found)
      expect(largestDifference(data, expected.get(layer)!.data), layer).toBeLessThan(tolerance)
    await rm(folder, { recursive: true })
  },
  600_000,
)
