import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { writeFreesurferSurface } from '../../../src-main/formats/freesurferSurface.ts'
import { giftiShape, giftiSurface, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { loadSurface } from '../../../src-main/surfaces/index.ts'
import { addTemplate } from '../../../src-main/surfaces/templateAdd.ts'
import { listTemplates, templatesDirectory } from '../../../src-main/surfaces/templates.ts'

const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heschl-templates-'))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** The same numbers: a failure says so in a line, not in ten thousand. */
const same = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i])

let data = ''
let count = 0
beforeEach(() => {
  data = join(folder, `data-${count++}`)
  vi.stubEnv('HESCHL_DATA_DIR', data)
})

const ball = icosphere(3)
const moved = (x: number) => Float32Array.from(ball.points, (value, i) => (i % 3 === 0 ? value + x : value))
const triangles = Int32Array.from(ball.triangles)

/** FreeSurfer's `subjects` folder with an fsaverage3. */
async function subjects(name: string, flip = false): Promise<string> {
  const surf = join(folder, name, 'fsaverage3', 'surf')
  mkdirSync(surf, { recursive: true })
  for (const [side, x] of [
    ['lh', -2],
    ['rh', 2],
  ] as const) {
    await writeFreesurferSurface(join(surf, `${side}.pial`), { points: moved(x), triangles })
    const other = flip ? triangles.toReversed() : triangles
    await writeFreesurferSurface(join(surf, `${side}.inflated`), { points: moved(3 * x), triangles: other })
  }
  return join(folder, name)
}

test('where templates are kept', () => {
  expect(templatesDirectory({ HESCHL_DATA_DIR: '/d' }, '/home/x')).toBe(join('/d', 'templates'))
  expect(templatesDirectory({}, '/home/x').startsWith(join('/home/x'))).toBe(true)
})

test("from FreeSurfer's subjects folder: it is listed, and a study's surface", async () => {
  expect(listTemplates().every(({ folder: at }) => at === undefined)).toBe(true)
  const added = await addTemplate('fsaverage3', await subjects('subjects'))
  expect(added).toMatchObject({ name: 'fsaverage3', vertices: 642, known: { agreed: 0, of: 0 } })
  expect(Object.keys(added.checksums).length).toBe(4)
  const listed = listTemplates().find(({ name }) => name === 'fsaverage3')
  expect(listed).toMatchObject({ folder: added.folder, source: join(folder, 'subjects/fsaverage3/surf') })
  const surface = await loadSurface('fsaverage3', folder)
  expect(surface.left.folded).toEqual(moved(-2))
  expect(surface.right.triangles).toEqual(ball.triangles)
  // Added again: replaced, and nothing of the making is left
  await addTemplate('fsaverage3', join(folder, 'subjects/fsaverage3'))
  expect(readdirSync(join(data, 'templates'))).toEqual(['fsaverage3'])
})

describe('flat forms', () => {
  const flatten = (name: string) => join(folder, name, 'fsaverage3', 'surf')

  test('a GIFTI beside the others, whose triangles are some of theirs', async () => {
    const from = await subjects('flat')
    const kept = ball.triangles.slice(300)
    for (const side of ['lh', 'rh'])
      await writeGifti(join(flatten('flat'), `${side}.flat.gii`), giftiSurface(moved(9), kept))
    expect(Object.keys((await addTemplate('fsaverage3', from)).checksums)).toContain('flat_right.gii.gz')
    const { flat } = (await loadSurface('fsaverage3', folder)).right
    expect(same(flat!.triangles, kept)).toBe(true)
    expect([flat!.points[0], flat!.points[1]]).toEqual([ball.points[0] + 9, ball.points[1]].map(Math.fround))
  })

  test("FreeSurfer's patch", async () => {
    const from = await subjects('patched')
    const records = Buffer.alloc(8 + 16 * 400)
    records.writeInt32BE(-1, 0)
    records.writeInt32BE(400, 4)
    for (let v = 0; v < 400; v++) {
      records.writeInt32BE(v + 1, 8 + 16 * v)
      records.writeFloatBE(v / 2, 12 + 16 * v)
    }
    for (const side of ['lh', 'rh']) writeFileSync(join(flatten('patched'), `${side}.cortex.patch.flat`), records)
    await addTemplate('fsaverage3', from)
    const { flat } = (await loadSurface('fsaverage3', folder)).left
    expect(flat!.points.length).toBe(642 * 2)
    expect([...flat!.points.subarray(796, 804)]).toEqual([199, 0, 199.5, 0, 0, 0, 0, 0])
    expect(Math.max(...flat!.triangles)).toBeLessThan(400)
    // The subject's own folder gives the same
    const own = (await loadSurface('patched/fsaverage3', folder)).left.flat!
    expect(same(own.points, flat!.points) && same(own.triangles, flat!.triangles)).toBe(true)
  })

  test('of another mesh is refused', async () => {
    const from = await subjects('other-flat')
    for (const side of ['lh', 'rh'])
      await writeGifti(
        join(flatten('other-flat'), `${side}.flat.gii`),
        giftiSurface(moved(9), Uint32Array.of(0, 1, 641)),
      )
    await expect(addTemplate('fsaverage3', from)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  })
})

test('a folder beside the study comes before a template of its name', async () => {
  await addTemplate('fsaverage3', await subjects('subjects'))
  const study = join(folder, 'study')
  mkdirSync(join(study, 'fsaverage3'), { recursive: true })
  for (const side of ['left', 'right'])
    await writeGifti(join(study, 'fsaverage3', `pial_${side}.gii`), giftiSurface(moved(7), ball.triangles))
  expect((await loadSurface('fsaverage3', study)).left.folded).toEqual(moved(7))
})

test('GIFTI files by their names: TemplateFlow, with others beside them', async () => {
  const from = join(folder, 'flow')
  mkdirSync(from)
  for (const side of ['L', 'R']) {
    const name = (density: string, what: string) => join(from, `tpl-fsaverage_hemi-${side}_den-${density}_${what}.gii`)
    await writeGifti(name('642', 'pial.surf'), giftiSurface(moved(1), ball.triangles))
    await writeGifti(name('642', 'sulc.shape'), giftiShape(new Float32Array(642).fill(0.5)))
    await writeGifti(
      name('3k', 'pial.surf'),
      giftiSurface(Float32Array.from(icosphere(4).points), icosphere(4).triangles),
    )
  }
  const added = await addTemplate('fsaverage3', from)
  expect(Object.keys(added.checksums).sort()).toEqual(
    ['pial_left', 'pial_right', 'sulc_left', 'sulc_right'].map((name) => `${name}.gii.gz`),
  )
  expect((await addTemplate('fsaverage4', from)).vertices).toBe(2562)
})

describe('what is refused leaves nothing behind', () => {
  const nothing = () =>
    expect(existsSync(join(data, 'templates')) ? readdirSync(join(data, 'templates')) : []).toEqual([])
  test('a name that is no template', async () => {
    await expect(addTemplate('fsaverage9', folder)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    nothing()
  })
  test('no such folder, and a folder without surfaces', async () => {
    await expect(addTemplate('fsaverage3', join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
    mkdirSync(join(folder, 'empty'), { recursive: true })
    await expect(addTemplate('fsaverage3', join(folder, 'empty'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
    nothing()
  })
  test('another number of vertices', async () => {
    const from = join(await subjects('small'), 'fsaverage3')
    await expect(addTemplate('fsaverage4', from)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
    nothing()
  })
  test('forms with other triangles', async () => {
    await expect(addTemplate('fsaverage3', await subjects('flipped', true))).rejects.toThrow(/triangles/)
    nothing()
  })
})

test.skipIf(!existsSync(join(shared, 'fsaverage5')))(
  "nilearn's fsaverage5, with all checksums (skipped where ../shared/data is absent)",
  async () => {
    const added = await addTemplate('fsaverage5', shared)
    expect(added).toMatchObject({ vertices: 10_242, known: { agreed: 12, of: 12 }, notes: [] })
    const record = JSON.parse(readFileSync(join(added.folder, 'template.json'), 'utf8')) as { name: string }
    expect(record.name).toBe('fsaverage5')
    const [installed, original] = [await loadSurface('fsaverage5', folder), await loadSurface('fsaverage5', shared)]
    for (const side of ['left', 'right'] as const) {
      const { flat, electrodes: _, ...forms } = installed[side]
      for (const form of Object.keys(forms) as (keyof typeof forms)[])
        expect(same(forms[form]!, original[side][form]!), `${side} ${form}`).toBe(true)
      expect(same(flat!.points, original[side].flat!.points), `${side} flat points`).toBe(true)
      expect(same(flat!.triangles, original[side].flat!.triangles), `${side} flat triangles`).toBe(true)
      expect(Object.keys(installed[side])).toEqual(Object.keys(original[side]))
    }
  },
)
