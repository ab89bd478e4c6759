/** Recordings in every format that is read: the same vertices of the same run, whatever the file is called. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeCifti } from '../../../src-main/formats/ciftiWrite.ts'
import { giftiFunctional, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { writeMgh } from '../../../src-main/formats/mghWrite.ts'
import { writeNifti } from '../../../src-main/formats/niftiWrite.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import { loadResponses } from '../../../src-main/pipeline/responses.ts'
import { readResponses, responseShape } from '../../../src-main/pipeline/recordingFile.ts'

const reference = fileURLToPath(new URL('../../reference/formats/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heschl-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [volumes, left, right] = [4, 5, 6]
const vertices = left + right
const data = Float32Array.from({ length: volumes * vertices }, (_, i) => Math.sin(i) * 100)
const affine = Float64Array.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
/** Vertices that the CIFTI file leaves out. */
const wall = new Set([1, 2, left + 3])
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  await writeNpy(at('run.npy'), { shape: [volumes, vertices], data })
  await writeGifti(at('run.func.gii'), giftiFunctional({ data, rows: volumes, cols: vertices }, 2))
  for (const name of ['run.mgh', 'run.mgz']) await writeMgh(at(name), { shape: [vertices, 1, 1, volumes], data })
  for (const name of ['run.nii', 'run.nii.gz'])
    await writeNifti(at(name), { shape: [vertices, 1, 1, volumes], data, affine, tr: 2 })
  const model = (structure: string, from: number, count: number, offset: number) => {
    const kept = Array.from({ length: count }, (_, v) => v).filter((v) => !wall.has(from + v))
    return { structure, offset, count: kept.length, vertexCount: count, vertices: Int32Array.from(kept) }
  }
  const models = [model('CORTEX_LEFT', 0, left, 0), model('CORTEX_RIGHT', left, right, left - 2)]
  const kept = Array.from({ length: vertices }, (_, v) => v).filter((v) => !wall.has(v))
  const values = Float32Array.from(
    Array.from({ length: volumes }, (_, row) => kept.map((v) => data[row * vertices + v])).flat(),
  )
  const along = { kind: 'series' as const, count: volumes, start: 0, step: 2, unit: 'SECOND' }
  await writeCifti(at('run.dtseries.nii'), { along, models }, { data: values, rows: volumes, cols: kept.length })
  // The content decides
  copyFileSync(at('run.mgz'), at('run.dat'))
  copyFileSync(at('run.func.gii'), at('odd.npy'))
})

const names = ['run.npy', 'run.func.gii', 'run.mgh', 'run.mgz', 'run.nii', 'run.nii.gz', 'run.dat', 'odd.npy']
describe.each([...names, 'run.dtseries.nii'])('%s', (name) => {
  test('its size, and any range of its vertices', async () => {
    expect(await responseShape(at(name))).toEqual({ volumes, vertices })
    for (const [from, to] of [
      [0, vertices],
      [3, 9],
      [1, 3],
      [vertices - 1, vertices],
    ]) {
      const part = await readResponses(at(name), { from, to })
      expect([part.rows, part.cols]).toEqual([volumes, to - from])
      for (let row = 0; row < volumes; row++)
        for (let v = from; v < to; v++) {
          const missing = name === 'run.dtseries.nii' && wall.has(v)
          expect(part.data[row * (to - from) + v - from]).toBe(missing ? 0 : data[row * vertices + v])
        }
    }
  })
})

test('a recording of both hemispheres in one CIFTI file', async () => {
  const run = await loadResponses(at('run.dtseries.nii'), { left, right }, { subject: 's', stimulus: 't' })
  expect([run.rows, run.cols]).toEqual([volumes, vertices])
})

test('volumes, maps and other files are refused, with what to do', async () => {
  await writeNifti(at('volume.nii'), { shape: [2, 3, 4, 2], data: new Float32Array(48), affine })
  await expect(responseShape(at('volume.nii'))).rejects.toThrow(/mri_vol2surf/)
  await expect(responseShape(join(reference, 'maps.dscalar.nii'))).rejects.toThrow(/dtseries/)
  await expect(responseShape(join(reference, 'lh.curv'))).rejects.toThrow(/FreeSurfer curvature/)
  await expect(responseShape(join(reference, 'README.md'))).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
})
