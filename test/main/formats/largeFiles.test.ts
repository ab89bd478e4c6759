import {
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FrameLayout } from '../../../src-main/formats/frames.ts'
import { mostRuns, piecesOf } from '../../../src-main/formats/framePieces.ts'
import { readGiftiFunctional } from '../../../src-main/formats/gifti.ts'
import { giftiFunctional, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { eachNiftiBlock, niftiFrames, readNiftiHeader, readNiftiValues } from '../../../src-main/formats/nifti.ts'
import { writeNifti } from '../../../src-main/formats/niftiWrite.ts'

const folder = mkdtempSync(join(tmpdir(), 'heschl-large-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('pieces of a volume', () => {
  test('hold every wanted number once, in order, and are small', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 90_000 })), { maxLength: 8 }),
        fc.constantFrom(1, 2, 4, 8),
        (stretches, itemBytes) => {
          const wanted: number[] = []
          for (const [gap, length] of stretches) {
            const start = (wanted.at(-1) ?? -2) + 2 + gap
            for (let i = 0; i < length; i++) wanted.push(start + i)
          }
          const { pieces, runs, cols } = piecesOf(Int32Array.from(wanted), itemBytes)
          const found: number[] = []
          for (const { at, count, firstRun, endRun, col, cols: ofPiece } of pieces) {
            expect(col).toBe(found.length)
            for (let run = firstRun; run < endRun; run++)
              for (let i = 0; i < runs[2 * run + 1]; i++) found.push(at + runs[2 * run] + i)
            expect(found.length).toBe(col + ofPiece)
            expect(found.at(-1)).toBe(at + count - 1)
            expect(count * itemBytes).toBeLessThanOrEqual(1 << 17)
          }
          expect(cols).toBe(wanted.length)
          // toEqual of hundreds of thousands of numbers takes seconds
          expect(found.length === wanted.length && found.every((voxel, i) => voxel === wanted[i])).toBe(true)
        },
      ),
      { numRuns: 20 },
    ))

  test('single voxels far apart take no more room than there is', () => {
    const every = Int32Array.from({ length: 20_000 }, (_, i) => 3 * i)
    const { pieces } = piecesOf(every, 1)
    expect(Math.max(...pieces.map(({ firstRun, endRun }) => endRun - firstRun))).toBe(mostRuns)
    expect(piecesOf(new Int32Array(0), 2)).toMatchObject({ pieces: [], cols: 0 })
    expect(piecesOf({ from: 5, to: 5 }, 2)).toMatchObject({ pieces: [], cols: 0 })
  })
})

describe('a NIfTI run of 70 MB, mostly of zeros that take no disk', () => {
  const path = join(folder, 'large.nii')
  const [side, volumes] = [64, 67]
  const values = side ** 3
  const planted = new Map<number, number>()
  let layout: FrameLayout

  beforeAll(async () => {
    const affine = Float64Array.from([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1])
    await writeNifti(path, { shape: [side, side, side, 1], data: new Float32Array(values), affine })
    layout = { ...niftiFrames(await readNiftiHeader(path)), frames: volumes }
    const bytes = readFileSync(path)
    bytes.writeInt16LE(volumes, 48)
    bytes.writeFloatLE(2, 112)
    bytes.writeFloatLE(-1, 116)
    writeFileSync(path, bytes.subarray(0, layout.dataStart))
    const file = openSync(path, 'r+')
    ftruncateSync(file, layout.dataStart + 4 * values * volumes)
    for (let i = 0; i < 2000; i++) {
      const at = (i * 7919 * 104_729) % (values * volumes)
      planted.set(at, Math.fround(Math.sin(i) * 1000))
      writeSync(file, new Uint8Array(Float32Array.of(planted.get(at)!).buffer), 0, 4, layout.dataStart + 4 * at)
    }
    closeSync(file)
  })

  test('has the numbers that were planted, whole and in part', async () => {
    const wanted = Int32Array.from({ length: values - 500 }, (_, i) => i + (i < 100_000 ? 0 : 500))
    const whole = await readNiftiValues(path, wanted)
    expect([whole.rows, whole.cols]).toEqual([volumes, wanted.length])
    let other = 0
    for (let t = 0; t < volumes; t++)
      for (let i = 0; i < wanted.length; i++)
        if (whole.data[t * wanted.length + i] !== Math.fround((planted.get(t * values + wanted[i]) ?? 0) * 2 - 1))
          other++
    expect(other).toBe(0)
    const some = await readNiftiValues(path, wanted.subarray(50, 5000), 3, 60)
    for (let t = 0; t < some.rows; t++)
      expect(some.data.subarray(t * some.cols, (t + 1) * some.cols)).toEqual(
        whole.data.slice((t + 3) * whole.cols + 50, (t + 3) * whole.cols + 5000),
      )
  })

  test('comes in blocks, each as it is in the whole', async () => {
    const wanted = Int32Array.from({ length: values }, (_, i) => i)
    let [next, other] = [0, 0]
    await eachNiftiBlock(path, wanted, ({ data, rows, cols }, first) => {
      expect([first, cols]).toEqual([next, values])
      next += rows
      for (let i = 0; i < data.length; i++)
        if (data[i] !== Math.fround((planted.get(first * values + i) ?? 0) * 2 - 1)) other++
    })
    expect([next, other]).toEqual([volumes, 0])
    const stopped = eachNiftiBlock(path, wanted, (_, first) => {
      if (first > 0) throw new RangeError('no further')
    })
    await expect(stopped).rejects.toThrow('no further')
  })
})

describe('a GIFTI run of 2 MB', () => {
  const path = join(folder, 'run.func.gii')
  const [rows, cols] = [60, 5000]
  const data = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i * i))
  let text = ''
  beforeAll(async () => {
    await writeGifti(path, giftiFunctional({ data, rows, cols }, 2))
    text = readFileSync(path, 'latin1')
  })
  const read = async (changed: string) => {
    const file = join(folder, 'changed.func.gii')
    writeFileSync(file, changed, 'latin1')
    return readGiftiFunctional(file)
  }
  /** The n-th array's text, changed. */
  const inArray = (n: number, change: (data: string) => string) => {
    let seen = 0
    return text.replace(/<Data>([^<]*)<\/Data>/g, (all, inside: string) =>
      seen++ === n ? `<Data>${change(inside)}</Data>` : all,
    )
  }

  test('is what was written, plain and gzipped', async () => {
    const run = await readGiftiFunctional(path)
    expect({ ...run, data: new Float32Array(run.data) }).toEqual({ data, rows, cols })
    writeFileSync(join(folder, 'packed.gii'), gzipSync(text))
    const packed = await readGiftiFunctional(join(folder, 'packed.gii'))
    expect(packed).toEqual({ data, rows, cols })
  })

  test('with lines, entities, comments and CDATA in its texts is the same', async () => {
    for (const change of [
      (part: string) => `\n  ${part.slice(0, 400)}\n${part.slice(400)}\n`,
      (part: string) => `&#${part.charCodeAt(0)};${part.slice(1)}`,
      (part: string) => `${part.slice(0, 800)}<!-- one -->${part.slice(800)}`,
      (part: string) => `<![CDATA[${part}]]>`,
    ])
      expect(new Float32Array((await read(inArray(41, change))).data)).toEqual(data)
  })

  test('with one array damaged is refused with file and line', async () => {
    const place = { file: join(folder, 'changed.func.gii'), line: expect.any(Number) as number }
    for (const change of [
      (part: string) => part.slice(0, part.length / 2),
      (part: string) => `A${part.slice(1)}`,
      (part: string) => `${part.slice(0, 50)}*!${part.slice(52)}`,
      () => '',
    ])
      await expect(read(inArray(37, change))).rejects.toMatchObject({ code: 'FORMAT_INVALID', parts: { where: place } })
    await expect(read(text.slice(0, text.length - 100_000))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    for (const [said, other] of [
      ['NumberOfDataArrays="60"', 'NumberOfDataArrays="59"'],
      ['NumberOfDataArrays="60"', 'NumberOfDataArrays="61"'],
      ['NumberOfDataArrays="60"', 'NumberOfDataArrays="2000000000"'],
      ['Dim0="5000"', 'Dim0="4999"'],
    ]) {
      expect(text).toContain(said)
      await expect(read(text.replace(said, other))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    }
  })
})
