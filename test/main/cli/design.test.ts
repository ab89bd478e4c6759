/** `heschl design`: nilearn's numbers through the real command; see test/reference/features/README.md. */
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DesignOptions } from '../../../src-main/features/design.ts'
import { readNpy, writeNpy } from '../../../src-main/formats/npy.ts'
import { activations } from '../features/noise.ts'
import { heschl as heschlIn } from './heschl.ts'

interface Oracle {
  readonly designs: readonly {
    readonly options: DesignOptions
    readonly regressors: readonly (readonly number[])[]
    readonly scaled: readonly (readonly number[])[]
  }[]
}
const { designs } = JSON.parse(
  readFileSync(new URL('../../reference/features/regressors.json', import.meta.url), 'utf8'),
) as Oracle

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-design-'))
})
afterAll(() => rm(folder, { recursive: true }))
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

const args = ({ tr, volumes, hopSeconds, audioStart, oversampling }: DesignOptions) =>
  [
    ...['design', '--hop', String(hopSeconds), '--tr', String(tr), '--volumes', String(volumes), '--hrf', 'glover'],
    ...['--oversampling', String(oversampling), '--start', String(audioStart), '--activations', 'a.npy', '--json'],
  ] as const

const columns = (data: ArrayLike<number>, cols: number) =>
  Array.from({ length: cols }, (_, u) => Array.from(data).filter((_, i) => i % cols === u))
const deviation = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

/** To 1e-6 of each regressor's SD and half a float32 step, as in test/main/features; of as many units as are expected. */
function expectAgreement(found: ArrayLike<number>, units: number, expected: readonly (readonly number[])[]): void {
  const ours = columns(found, units)
  for (let u = 0; u < expected[0].length; u++) {
    const theirs = expected.map((row) => row[u])
    const tolerance = 1e-6 * deviation(theirs) + 2 ** -24 * Math.max(...theirs.map(Math.abs)) + 1e-15
    for (const [v, value] of ours[u].entries()) expect(Math.abs(value - theirs[v])).toBeLessThanOrEqual(tolerance)
  }
}

/** An NPY file of float64 in Fortran order, as numpy writes it. */
function fortran64(data: ArrayLike<number>, rows: number, cols: number): Uint8Array {
  const text = `{'descr': '<f8', 'fortran_order': True, 'shape': (${rows}, ${cols}), }`
  const header = Buffer.alloc(128, ' ')
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(118, 8)
  header.write(text, 10)
  header.write('\n', 127)
  const turned = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) turned[j * rows + i] = data[i * cols + j]
  return Buffer.concat([header, new Uint8Array(turned.buffer)])
}

// Every sixth: the command is a process; all fifteen are compared in test/main/features.
const some = designs.filter((_, i) => i % 6 === 0)

describe('nilearn’s compute_regressor to 1e-6 of its SD', () => {
  test.each(some)('float32, $options', async ({ options, regressors }) => {
    const { data } = activations(options.frames)
    await writeNpy(join(folder, 'a.npy'), { shape: [options.frames, 4], data: Float32Array.from(data) })
    const { code, stdout } = await heschl(...args(options), '--out', 'x.npy')
    expect(code).toBe(0)
    const x = await readNpy(join(folder, 'x.npy'))
    expect(x.shape).toEqual([options.volumes, 4])
    expect(x.data).toBeInstanceOf(Float32Array)
    expectAgreement(x.data, 4, regressors)
    expect(JSON.parse(stdout)).toMatchObject({
      out: join(folder, 'x.npy'),
      shape: [options.volumes, 4],
      frames: options.frames,
      options: { scale: 'none', oversampling: options.oversampling },
    })
  })

  test('float64 in Fortran order, scaled to 0–1; a constant gives zeros', async () => {
    const { options, scaled } = designs[0]
    await writeFile(join(folder, 'a.npy'), fortran64(activations(options.frames).data, options.frames, 4))
    expect((await heschl(...args(options), '--scale', 'minmax', '--out', 'x.npy')).code).toBe(0)
    const { data } = await readNpy(join(folder, 'x.npy'))
    expectAgreement(data, 4, scaled)
    expect(columns(data, 4)[3].every((value) => value === 0)).toBe(true)
  })

  test('float64 far from 0: the variation that float32 cannot hold is kept', async () => {
    const { options, regressors } = designs[0]
    const far = Float64Array.from(activations(options.frames).data, (value, i) => (i % 4 === 0 ? value + 1e9 : value))
    await writeNpy(join(folder, 'a.npy'), { shape: [options.frames, 4], data: far })
    expect((await heschl(...args(options), '--scale', 'minmax', '--out', 'far.npy')).code).toBe(0)
    // Scaling takes the offset away again; 1e9 leaves 1.2e-7 of the values' unit in float64.
    const found = columns((await readNpy(join(folder, 'far.npy'))).data, 4)[0]
    const expected = designs[0].scaled.map((row) => row[0])
    for (const [v, value] of found.entries()) expect(Math.abs(value - expected[v])).toBeLessThan(1e-5)
    expect((await heschl(...args(options), '--out', 'x.npy')).code).toBe(0)
    expectAgreement(
      columns((await readNpy(join(folder, 'x.npy'))).data, 4)[1],
      1,
      regressors.map((row) => [row[1]]),
    )
  })

  test('a vector is one unit', async () => {
    const { options, regressors } = designs[0]
    const [data] = columns(activations(options.frames).data, 4)
    await writeNpy(join(folder, 'a.npy'), { shape: [options.frames], data: Float32Array.from(data) })
    expect((await heschl(...args(options), '--out', 'x.npy')).code).toBe(0)
    const x = await readNpy(join(folder, 'x.npy'))
    expect(x.shape).toEqual([options.volumes, 1])
    expectAgreement(
      x.data,
      1,
      regressors.map((row) => [row[0]]),
    )
  })
})

describe('failures leave nothing behind', () => {
  const usual = args(designs[0].options)
  const without = (flag: string) => usual.filter((_, i) => usual[i] !== flag && usual[i - 1] !== flag)
  const error = (stdout: string) => (JSON.parse(stdout) as { error: { code: string; message: string } }).error

  async function fails(exit: number, expected: string, ...args: readonly string[]): Promise<string> {
    const before = await readdir(folder)
    const { code, stdout } = await heschl(...args)
    const { code: found, message } = error(stdout)
    expect([code, found]).toEqual([exit, expected])
    expect(await readdir(folder)).toEqual(before)
    return message
  }

  test('a value that is not finite, with its place', async () => {
    const data = new Float32Array(40).fill(1)
    data[22] = NaN
    await writeNpy(join(folder, 'a.npy'), { shape: [10, 4], data })
    expect(await fails(1, 'NUMERICAL', ...usual, '--out', 'nan.npy')).toMatch(/a\.npy[^]*frame 5, unit 2/)
  })

  test('arrays that are not [frames, units]', async () => {
    await writeNpy(join(folder, 'a.npy'), { shape: [2, 2, 2], data: new Float32Array(8) })
    expect(await fails(1, 'SHAPE_MISMATCH', ...usual, '--out', 'y.npy')).toContain('shape (2, 2, 2)')
    await writeNpy(join(folder, 'a.npy'), { shape: [0, 4], data: new Float32Array(0) })
    await fails(1, 'SHAPE_MISMATCH', ...usual, '--out', 'y.npy')
    await writeFile(join(folder, 'a.npy'), 'not an array')
    await fails(1, 'FORMAT_INVALID', ...usual, '--out', 'y.npy')
  })

  test('options: out of range, missing, misspelt, or more than the memory holds', async () => {
    await writeNpy(join(folder, 'a.npy'), { shape: [1, 1_000_000], data: new Uint8Array(1_000_000) })
    const out = ['--out', 'y.npy']
    expect(await fails(2, 'OPTION_INVALID', ...usual, '--volumes', '1000000', ...out)).toContain('memory')
    await fails(2, 'OPTION_INVALID', ...usual, '--tr', '0', ...out)
    await fails(2, 'OPTION_INVALID', ...usual, '--hop', '20ms', ...out)
    await fails(2, 'OPTION_INVALID', ...usual, '--hrf', 'gamma', ...out)
    expect(await fails(2, 'OPTION_INVALID', ...without('--tr'), ...out)).toContain("'--tr <seconds>' not specified")
    expect(await fails(2, 'OPTION_INVALID', ...usual, '--out', 'a.npy')).toContain('would replace')
  })
})
