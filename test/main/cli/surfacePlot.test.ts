/** `heschl surface plot`: the drawing against what was asked for. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plot, type PlotOptions } from '../../../src-main/cli/commands/surfacePlot.ts'
import type { Output } from '../../../src-main/cli/output.ts'
import { giftiFunctional, giftiSurface, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { readMapOnSurface } from '../../../src-main/surfaces/mapOnSurface.ts'

let folder: string
const { points, triangles } = icosphere(2)
const count = points.length / 3
const at = (name: string) => join(folder, name)
const said: unknown[] = []
const output: Output = {
  ...{ json: true, stderr: { write: () => true }, say: () => undefined, note: () => undefined },
  document: (value) => void said.push(value),
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-plot-'))
  for (const [side, x] of [
    ['left', -40],
    ['right', 40],
  ] as const) {
    const placed = Float32Array.from(points, (value, i) => 30 * value + (i % 3 === 0 ? x : 0))
    await writeGifti(at(`${side}.surf.gii`), giftiSurface(placed, triangles))
  }
  // Two maps a hemisphere: the second is its vertices' numbers.
  const values = Float32Array.from({ length: 2 * count }, (_, i) => (i < count ? 1 : i - count))
  await writeGifti(at('left.func.gii'), giftiFunctional({ data: values, rows: 2, cols: count }, 1))
  const data = Float32Array.from({ length: 2 * count }, (_, i) => i)
  await writeNpy(at('both.npy'), { shape: [2 * count], data })
})
afterAll(() => rm(folder, { recursive: true }))

const options = (more: Partial<PlotOptions>): PlotOptions => ({
  ...{ surface: [at('left.surf.gii'), at('right.surf.gii')], map: [at('both.npy')], out: at('map.png'), index: 1 },
  ...{ view: 'lateral', form: 'folded', colours: 'viridis', centre: 0, title: 'A map', width: 60, height: 40 },
  ...{ dpi: 127, theme: 'light', discs: 4 },
  ...more,
})

test('files of both hemispheres, of one, and of several maps are read by vertex', async () => {
  const vertices = { left: count, right: count }
  const both = await readMapOnSurface({ files: [at('both.npy')], index: 1 }, vertices)
  expect([both.left[3], both.right[0], both.right[count - 1]]).toEqual([3, count, 2 * count - 1])
  const one = await readMapOnSurface({ files: [at('left.func.gii')], hemisphere: 'left', index: 2 }, vertices)
  expect([one.left[0], one.left[count - 1], one.right[0]]).toEqual([0, count - 1, NaN])
  const wrong = readMapOnSurface({ files: [at('left.func.gii')], index: 1 }, vertices)
  await expect(wrong).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  const none = readMapOnSurface({ files: [at('left.func.gii')], hemisphere: 'left', index: 3 }, vertices)
  await expect(none).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('the figure has the size, the limits and the words that were asked for, in every format', async () => {
  expect(await plot(options({ limits: { low: 0, high: 100 }, threshold: 10, label: 'r, test' }), output)).toBe(0)
  expect(said.at(-1)).toMatchObject({ limits: { low: 0, high: 100 }, threshold: 10, vertices: { left: count } })
  // 60 mm at 127 dots an inch.
  const { width, height } = decode(await readFile(at('map.png')))
  expect([width, height]).toEqual([300, 200])
  await plot(options({ out: at('map.svg'), limits: { low: 0, high: 100 }, threshold: 10, label: 'r, test' }), output)
  const svg = await readFile(at('map.svg'), 'utf8')
  expect(svg).toMatch(/^<svg [^>]*width="60mm" height="40mm"/)
  for (const words of ['A map', 'r, test; not coloured below 10', '≥ 100', 'left, lateral'])
    expect(svg).toContain(`>${words}<`)
  await plot(options({ out: at('map.pdf') }), output)
  expect((await readFile(at('map.pdf'))).subarray(0, 5).toString()).toBe('%PDF-')
})

test.each([
  ['a name without a format', { out: 'map.gif' }],
  ['one mesh alone', { surface: ['a', 'b', 'c'] }],
  ['three files of a map', { map: ['a', 'b', 'c'] }],
])('%s is refused', async (_, more) => {
  await expect(plot(options(more), output)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('electrodes are discs in their values’ colours, alone or over a map; what is not drawn is told', async () => {
  // The left hemisphere is a sphere of 30 mm about (−40, 0, 0), seen from its left.
  const rows = ['A\t-71\t0\t0\t1', 'B\t-70\t8\t0\t0', 'DEEP\t-40\t0\t0\t1', 'NONE\tn/a\t0\t0\tn/a']
  await writeFile(at('electrodes.tsv'), ['name\tx\ty\tz\tr2', ...rows, ''].join('\n'))
  const coloured = async (more: Partial<PlotOptions>) => {
    await plot(
      options({ electrodes: at('electrodes.tsv'), values: 'r2', title: '', limits: { low: 0, high: 1 }, ...more }),
      output,
    )
    const { data, channels } = decode(await readFile(at('map.png')))
    let [yellow, violet] = [0, 0]
    // Above the colour bar.
    for (let i = 0; i < (data.length * 3) / 5; i += channels) {
      if (data[i] > 150 && data[i + 1] > 140 && data[i + 2] < 90) yellow++
      if (data[i] < 90 && data[i + 1] < 30 && data[i + 2] > 50) violet++
    }
    return { yellow, violet }
  }
  const small = await coloured({ map: [] })
  expect([small.yellow > 15, small.violet > 15]).toEqual([true, true])
  expect(Math.abs(small.yellow - small.violet)).toBeLessThan(0.5 * small.yellow)
  const large = await coloured({ map: [], discs: 8 })
  expect(large.yellow / small.yellow).toBeGreaterThan(2.5)
  expect(large.yellow / small.yellow).toBeLessThan(6.5)
  const { notes, label } = said.at(-1) as { notes: string[]; label: string }
  expect([label, notes.filter((note) => /FAR|NO_COORDINATES/.test(note))]).toEqual([
    'r2',
    [expect.stringMatching(/\(FAR\).*: DEEP$/), expect.stringMatching(/\(NO_COORDINATES\).*: NONE$/)],
  ])
  const over = await coloured({})
  expect(over.yellow).toBeGreaterThan(10 * small.yellow)
  await expect(plot(options({ electrodes: at('electrodes.tsv'), values: 'none' }), output)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    parts: { expected: 'one of name, x, y, z, r2' },
  })
  await expect(plot(options({ map: [] }), output)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(plot(options({ values: 'r2' }), output)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
