import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'
import { added, info, listed } from '../../../src-main/cli/commands/surface.ts'
import { createOutput } from '../../../src-main/cli/output.ts'
import { giftiSurface, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'

const reference = fileURLToPath(new URL('../../reference/formats/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heschl-surface-command-'))
vi.stubEnv('HESCHL_DATA_DIR', join(folder, 'data'))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** What a command prints on stdout. */
async function printed(json: boolean, command: (output: ReturnType<typeof createOutput>) => number | Promise<number>) {
  let text = ''
  const stdout = { write: (part: string) => (text += part) }
  expect(await command(createOutput(json, stdout, { write: () => undefined }))).toBe(0)
  return text
}

test('what files hold, of every format', async () => {
  const names = ['i2-big-1.nii', 'run.dtseries.nii', 'u1.mgh', 'lh.triangles', 'lh.curv', 'lh.old.annot'].concat([
    ...['lh.cortex.label', 'lh.weights.w', 'deflated.npz', '../gifti/label.gii', '../formats-npy/one.npy'],
    ...['../matrices/y.tsv', '../tables/table.parquet', '../tables/table.tsv'],
  ])
  const text = await printed(false, (output) =>
    info(
      names.map((name) => join(reference, name)),
      output,
    ),
  )
  for (const part of ['NIfTI', 'CORTEX_LEFT 5 of 10', 'FreeSurfer MGH', 'triangles: 10', 'regions: 4', 'labels: 2'])
    expect(text).toContain(part)
  for (const part of [
    'a table with tabs',
    'unit 0 numbers',
    'region text, mean_r float64, n int32',
    'region text, mean_r numbers',
  ])
    expect(text).toContain(part)
  const json = await printed(true, (output) => info([join(reference, 'run.dtseries.nii')], output))
  expect(JSON.parse(json)).toMatchObject({ files: [{ format: 'CIFTI-2', facts: { grayordinates: 13 } }] })
  await expect(printed(false, (output) => info([join(reference, 'README.md')], output))).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
  })
})

test('templates are listed, and added', async () => {
  expect(await printed(false, listed)).toMatch(/fsaverage5 .*10,242 vertices a hemisphere +not added/)
  const { points, triangles } = icosphere(3)
  for (const side of ['left', 'right'])
    await writeGifti(join(folder, `pial_${side}.gii`), giftiSurface(Float32Array.from(points), triangles))
  const text = await printed(false, (output) => added('fsaverage3', folder, output))
  expect(text).toMatch(/2 files of 642 vertices a hemisphere.*no checksums are known/)
  expect(await printed(false, listed)).toContain(join(folder, 'data', 'templates', 'fsaverage3'))
  await expect(printed(false, (output) => added(undefined, undefined, output))).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})
