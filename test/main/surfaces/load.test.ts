import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeFreesurferSurface } from '../../../src-main/formats/freesurferSurface.ts'
import { giftiLabels, giftiShape, giftiSurface, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { sniffFormat } from '../../../src-main/formats/sniff.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { loadSurface, surfaceFiles } from '../../../src-main/surfaces/index.ts'
import type { SurfaceData } from '../../../src-main/contract/study.ts'
import { checkMesh } from './meshFacts.ts'

const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'heschl-surface-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ball = icosphere(1)
const vertices = ball.points.length / 3
const at = (x: number) => Float32Array.from(ball.points, (value, i) => (i % 3 === 0 ? value + x : value))
const labels = [
  { key: 0, name: 'unknown', rgba: [0, 0, 0, 0] as const },
  { key: 5, name: 'A', rgba: [1, 0, 0, 1] as const },
  { key: 9, name: 'B', rgba: [0, 0, 0, 0] as const },
]
const write = (name: string, file: Parameters<typeof writeGifti>[1]) => writeGifti(join(folder, name), file)
const hemispheres = {
  left: { folded: 'l.surf.gii', inflated: 'l.infl.gii', sulc: 'l.sulc.gii', labels: 'l.label.gii' },
  right: { folded: 'r.surf.gii', inflated: 'r.infl.gii', sulc: 'r.sulc.gii', labels: 'r.label.gii' },
}

beforeAll(async () => {
  for (const [side, x] of [
    ['l', -3],
    ['r', 3],
  ] as const) {
    await write(`${side}.surf.gii`, giftiSurface(at(x), ball.triangles))
    await write(`${side}.infl.gii`, giftiSurface(at(0), ball.triangles))
    await write(`${side}.sulc.gii`, giftiShape(Float32Array.from({ length: vertices }, (_, v) => v)))
    await write(
      `${side}.label.gii`,
      giftiLabels(
        Int32Array.from({ length: vertices }, (_, v) => [0, 5, 9][v % 3]),
        labels,
      ),
    )
  }
})

test('explicit files, with all there is', async () => {
  const surface: SurfaceData = await loadSurface(hemispheres, folder)
  expect(surface.left.folded).toEqual(at(-3))
  expect(surface.right.triangles).toEqual(ball.triangles)
  expect(surface.left.sulc[7]).toBe(7)
  expect(surface.regions.map(({ name }) => name)).toEqual(['none', 'A', 'B'])
  expect(surface.regions[1].colour).toEqual([255, 0, 0])
  // B has no colour of its own and is given one
  expect(new Set(surface.regions.map(({ colour }) => colour.join())).size).toBe(3)
  expect([...surface.left.labels.slice(0, 4)]).toEqual([0, 1, 2, 0])
  expect(surfaceFiles(hemispheres, folder)).toEqual(
    [hemispheres.left, hemispheres.right].flatMap((files) => Object.values(files).map((file) => join(folder, file))),
  )
})

test('inflated hemispheres that overlap are moved apart, and a note says so', async () => {
  const { left, right, notes } = await loadSurface(hemispheres, folder)
  const x = (points: Float32Array) => points.filter((_, i) => i % 3 === 0)
  expect(Math.max(...x(left.inflated))).toBeLessThan(Math.min(...x(right.inflated)))
  expect(notes.join()).toMatch(/moved .* apart/)
  // Along x alone: the other two coordinates stay
  expect(left.inflated.filter((_, i) => i % 3 !== 0)).toEqual(at(0).filter((_, i) => i % 3 !== 0))
})

test('a flat form has triangles of the surface alone', async () => {
  await write('l.flat.gii', giftiSurface(at(7), ball.triangles.slice(9)))
  const spec = { ...hemispheres, left: { ...hemispheres.left, flat: 'l.flat.gii' } }
  const { flat } = (await loadSurface(spec, folder)).left
  expect(flat!.triangles).toEqual(ball.triangles.slice(9))
  expect(flat!.points).toEqual(at(7).filter((_, i) => i % 3 < 2))
  expect(surfaceFiles(spec, folder)).toContain(join(folder, 'l.flat.gii'))
  await write('l.flat.gii', giftiSurface(at(7), Uint32Array.of(...ball.triangles.slice(0, 3), 0, 1, 41)))
  await expect(loadSurface(spec, folder)).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
    parts: { found: '1 of 2 triangles that it does not have' },
  })
})

describe("FreeSurfer's patch as a flat form", () => {
  const reference = fileURLToPath(new URL('../../reference/surfaces/patch/', import.meta.url))
  const side = { folded: 'lh.sphere', flat: 'lh.cortex.patch.flat' }

  test('vertices, places and triangles as MNE reads them, and those of the border too', async () => {
    const oracle = JSON.parse(readFileSync(join(reference, 'oracle.json'), 'utf8')) as {
      vertices: number
      inside: number[]
      places: number[][]
      triangles: number[][]
    }
    expect(await sniffFormat(join(reference, side.flat))).toBe('freesurfer-patch')
    const { flat, triangles } = (await loadSurface({ left: side, right: side }, reference)).left
    expect(oracle.inside.map((v) => [...flat!.points.subarray(v * 2, v * 2 + 2), 0])).toEqual(oracle.places)
    const rows = (corners: Uint32Array) =>
      Array.from({ length: corners.length / 3 }, (_, t) => [...corners.subarray(t * 3, t * 3 + 3)])
    const within = new Set(oracle.inside)
    const inside = rows(flat!.triangles).filter((corners) => corners.every((v) => within.has(v)))
    expect(inside).toEqual(oracle.triangles)
    const kept = new Set(flat!.triangles)
    expect(kept.size).toBe(oracle.vertices)
    expect(rows(flat!.triangles)).toEqual(rows(triangles).filter((corners) => corners.every((v) => kept.has(v))))
  })

  const changed = async (name: string, at: number, value: number) => {
    const bytes = readFileSync(join(reference, side.flat))
    bytes.writeInt32BE(value, at)
    writeFileSync(join(folder, name), bytes)
    const files = { folded: join(reference, side.folded), flat: join(folder, name) }
    return loadSurface({ left: files, right: files }, folder)
  }
  test.each([
    ['a vertex that the surface lacks', 8, 43, 'SHAPE_MISMATCH'],
    ['a vertex twice', 8, readFileSync(join(reference, 'lh.cortex.patch.flat')).readInt32BE(24), 'FORMAT_INVALID'],
    ['no vertex', 8, 0, 'FORMAT_INVALID'],
    ['a place that is none', 12, 0x7fc00000, 'SHAPE_MISMATCH'],
    ['a count beyond the file', 4, 27, 'FORMAT_INVALID'],
  ])('is refused with %s', async (name, at, value, code) => {
    await expect(changed(name.replaceAll(' ', ''), at, value)).rejects.toMatchObject({ code })
  })
})

test('the sphere that a hemisphere is registered on', async () => {
  await write('l.sphere.gii', giftiSurface(at(0), ball.triangles))
  const spec = { ...hemispheres, left: { ...hemispheres.left, sphere: 'l.sphere.gii' } }
  const surface = await loadSurface(spec, folder)
  expect(surface.left.sphere).toEqual(at(0))
  expect(surface.right.sphere).toBeUndefined()
  expect(surfaceFiles(spec, folder)).toContain(join(folder, 'l.sphere.gii'))
  // One that is not about the origin is no sphere to turn.
  await write('l.sphere.gii', giftiSurface(at(0.1), ball.triangles))
  await expect(loadSurface(spec, folder)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  await write('l.sphere.gii', giftiSurface(at(0), ball.triangles.slice().reverse()))
  await expect(loadSurface(spec, folder)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

test('what is missing is stood in for, and named', async () => {
  const bare = { left: { folded: 'l.surf.gii' }, right: { folded: 'r.surf.gii' } }
  const surface = await loadSurface(bare, folder)
  expect(surface.left.inflated).toEqual(surface.left.folded)
  expect([...surface.left.sulc]).toEqual(new Array(vertices).fill(0))
  expect([...surface.left.labels]).toEqual(new Array(vertices).fill(0))
  expect(surface.notes).toHaveLength(5)
})

test('a parcellation of its own replaces labels; one file may hold both hemispheres', async () => {
  await write(
    'both.label.gii',
    giftiLabels(
      Int32Array.from({ length: 2 * vertices }, (_, v) => (v < vertices ? 5 : 9)),
      labels,
    ),
  )
  const surface = await loadSurface(hemispheres, folder, 'both.label.gii')
  expect(new Set(surface.left.labels)).toEqual(new Set([1]))
  expect(new Set(surface.right.labels)).toEqual(new Set([2]))
  const swapped = await loadSurface(hemispheres, folder, { left: 'r.label.gii', right: 'l.label.gii' })
  expect(swapped.left.labels).toEqual((await loadSurface(hemispheres, folder)).right.labels)
  await expect(loadSurface(hemispheres, folder, 'l.label.gii')).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

describe('refused, with the file named', () => {
  const fails = async (
    name: string,
    file: Parameters<typeof writeGifti>[1],
    as: 'folded' | 'inflated' | 'sulc' | 'labels',
  ) => {
    await write(name, file)
    const spec = { ...hemispheres, left: { ...hemispheres.left, [as]: name } }
    return loadSurface(spec, folder).then(
      () => undefined,
      (error: unknown) => error,
    )
  }
  const bad = (code: string, name: string) => ({ code, parts: { where: { file: join(folder, name) } } })

  test('a triangle corner that is no vertex', async () => {
    const error = await fails('x1.gii', giftiSurface(at(0), Uint32Array.of(0, 1, vertices)), 'folded')
    expect(error).toMatchObject(bad('FORMAT_INVALID', 'x1.gii'))
  })
  test('a vertex that is nowhere', async () => {
    const points = at(0)
    points[5] = NaN
    expect(await fails('x2.gii', giftiSurface(points, ball.triangles), 'folded')).toMatchObject(
      bad('FORMAT_INVALID', 'x2.gii'),
    )
  })
  test('an inflated form of another mesh', async () => {
    const turned = ball.triangles.slice().reverse()
    expect(await fails('x3.gii', giftiSurface(at(0), turned), 'inflated')).toMatchObject(
      bad('SHAPE_MISMATCH', 'x3.gii'),
    )
    const other = icosphere(0)
    const smaller = giftiSurface(Float32Array.from(other.points), other.triangles)
    expect(await fails('x4.gii', smaller, 'inflated')).toMatchObject(bad('SHAPE_MISMATCH', 'x4.gii'))
  })
  test('sulcal depth and labels of another surface', async () => {
    expect(await fails('x5.gii', giftiShape(new Float32Array(3)), 'sulc')).toMatchObject(
      bad('SHAPE_MISMATCH', 'x5.gii'),
    )
    const short = giftiLabels(new Int32Array(3), labels)
    expect(await fails('x6.gii', short, 'labels')).toMatchObject(bad('SHAPE_MISMATCH', 'x6.gii'))
  })
  test('a label key that the table lacks', async () => {
    const keys = new Int32Array(vertices).fill(77)
    expect(await fails('x7.gii', giftiLabels(keys, labels), 'labels')).toMatchObject(bad('FORMAT_INVALID', 'x7.gii'))
  })
  test('a map where a surface was expected, and the other way round', async () => {
    const map = giftiShape(new Float32Array(vertices))
    expect(await fails('x8.gii', map, 'folded')).toMatchObject(bad('FORMAT_INVALID', 'x8.gii'))
    expect(await fails('x9.gii', giftiSurface(at(0), ball.triangles), 'sulc')).toMatchObject(
      bad('FORMAT_INVALID', 'x9.gii'),
    )
  })
  test('no such folder, no such file, no parcellation', async () => {
    await expect(loadSurface('nowhere', folder)).rejects.toMatchObject({ code: 'FILE_MISSING' })
    const gone = { ...hemispheres, right: { folded: 'gone.gii' } }
    await expect(loadSurface(gone, folder)).rejects.toMatchObject(bad('FILE_MISSING', 'gone.gii'))
    await expect(loadSurface(hemispheres, folder, 'l.sulc.gii')).rejects.toThrow(/label arrays/)
  })
})

test("a FreeSurfer subject's folder: surfaces, sulcal depth and annotation", async () => {
  const subject = join(folder, 'sub-01')
  for (const part of ['surf', 'label']) mkdirSync(join(subject, part), { recursive: true })
  const morph = (values: number[]) => {
    const bytes = Buffer.alloc(15 + 4 * values.length)
    bytes.fill(0xff, 0, 3)
    bytes.writeInt32BE(values.length, 3)
    bytes.writeInt32BE(1, 11)
    values.forEach((value, i) => bytes.writeFloatBE(value, 15 + 4 * i))
    return bytes
  }
  /** Two regions, red and black, by their colours; every third vertex has none. */
  const annot = Buffer.from(
    Int32Array.from([vertices, ...Array.from({ length: vertices }, (_, v) => [v, [0, 200, 7][v % 3]]).flat()]).buffer,
  ).swap32()
  const text = (value: string) => [value.length + 1, ...Buffer.from(`${value}\0`)]
  const table = Buffer.concat(
    [[1], [-2], [3], text('x'), [2], [0], text('A'), [200, 0, 0, 0], [2], text('B'), [7, 0, 0, 0]].map((part, i) => {
      if (i !== 3 && i !== 6 && i !== 9) return Buffer.from(Int32Array.from(part).buffer).swap32()
      const head = Buffer.alloc(4)
      head.writeInt32BE(part[0])
      return Buffer.concat([head, Buffer.from(part.slice(1))])
    }),
  )
  for (const [side, x] of [
    ['lh', -3],
    ['rh', 3],
  ] as const) {
    const triangles = Int32Array.from(ball.triangles)
    await writeFreesurferSurface(join(subject, `surf/${side}.pial`), { points: at(x), triangles })
    await writeFreesurferSurface(join(subject, `surf/${side}.inflated`), { points: at(0), triangles })
    writeFileSync(join(subject, `surf/${side}.sulc`), morph(Array.from({ length: vertices }, (_, v) => v / 2)))
    writeFileSync(join(subject, `label/${side}.aparc.annot`), Buffer.concat([annot, table]))
  }
  const surface = await loadSurface('sub-01', folder)
  expect(surface.left.folded).toEqual(at(-3))
  expect(surface.right.triangles).toEqual(ball.triangles)
  expect(surface.left.sulc[7]).toBe(3.5)
  expect(surface.regions.map(({ name, colour }) => [name, ...colour])).toEqual([
    ['none', 128, 128, 128],
    ['A', 200, 0, 0],
    ['B', 7, 0, 0],
  ])
  expect([...surface.right.labels.slice(0, 4)]).toEqual([0, 1, 2, 0])
  expect(surfaceFiles('sub-01', folder)).toContain(join(subject, 'label/rh.aparc.annot'))
})

test('schematic, by name, takes no file', async () => {
  expect(surfaceFiles('schematic', folder)).toEqual([])
  expect(await loadSurface('schematic', folder)).toMatchObject({ schematic: true })
})

test.skipIf(!existsSync(join(shared, 'fsaverage5')))(
  'fsaverage5 with the Desikan–Killiany atlas (skipped where ../shared/data is absent)',
  async () => {
    const atlas = (side: string) => `atlas/desikankilliany.fsaverage5.${side}.label.gii.gz`
    const parcellation = { left: atlas('lh'), right: atlas('rh') }
    const surface = await loadSurface('fsaverage5', shared, parcellation)
    for (const { folded, inflated, triangles } of [surface.left, surface.right]) {
      expect(checkMesh(folded, triangles)).toMatchObject({ vertices: 10_242, euler: 2, closed: true })
      expect(checkMesh(inflated, triangles).volume).toBeGreaterThan(0)
    }
    expect(surface.regions).toHaveLength(35)
    const transverse = surface.regions.findIndex(({ name }) => name === 'transversetemporal')
    expect(surface.left.labels.filter((label) => label === transverse)).toHaveLength(68)
    // Five forms a hemisphere (pial, inflated, sulci, sphere, flat) and its labels
    expect(surfaceFiles('fsaverage5', shared, parcellation)).toHaveLength(12)
  },
)
