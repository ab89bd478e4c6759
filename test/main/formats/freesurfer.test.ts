import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { readAnnot } from '../../../src-main/formats/freesurferAnnot.ts'
import { readFreesurferLabel } from '../../../src-main/formats/freesurferLabel.ts'
import { readFreesurferMorph, readFreesurferWeights } from '../../../src-main/formats/freesurferMorph.ts'
import { readFreesurferSurface, writeFreesurferSurface } from '../../../src-main/formats/freesurferSurface.ts'
import { sniffFormat } from '../../../src-main/formats/sniff.ts'

type Oracle =
  | {
      readonly kind: 'annot'
      readonly labels: number
      readonly count: number
      readonly names: string[]
      readonly colours: number[][]
    }
  | { readonly kind: 'label'; readonly vertices: number[]; readonly values: number[] }
  | { readonly kind: 'morph'; readonly values: number }
  | { readonly kind: 'surface'; readonly points: number; readonly faces: number }

const reference = fileURLToPath(new URL('../../reference/formats/', import.meta.url))
const shared = fileURLToPath(new URL('../../../../shared/data/formats/', import.meta.url))
const { surfaces: oracles, weights } = JSON.parse(readFileSync(join(reference, 'oracle.json'), 'utf8')) as {
  surfaces: Record<string, Oracle>
  weights: { vertices: number[]; values: number[] }
}
const folder = mkdtempSync(join(tmpdir(), 'heschl-freesurfer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const crc = (data: Float32Array | Int32Array) => crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))

async function compare(path: string, oracle: Oracle) {
  if (oracle.kind === 'annot') {
    const { labels, entries } = await readAnnot(path)
    expect(labels.length).toBe(oracle.count)
    expect(crc(labels)).toBe(oracle.labels)
    expect([...entries.values()].map(({ name }) => name)).toEqual(oracle.names)
    expect([...entries.values()].map(({ rgb }) => [...rgb])).toEqual(oracle.colours)
  } else if (oracle.kind === 'label') {
    const { vertices, values } = await readFreesurferLabel(path)
    expect([...vertices]).toEqual(oracle.vertices)
    expect([...values]).toEqual(oracle.values)
  } else if (oracle.kind === 'morph') expect(crc(await readFreesurferMorph(path))).toBe(oracle.values)
  else {
    const { points, triangles } = await readFreesurferSurface(path)
    expect(crc(points)).toBe(oracle.points)
    expect(crc(triangles)).toBe(oracle.faces)
  }
  const kinds = { annot: 'annot', label: 'label', morph: 'curv', surface: 'surface' }
  expect(await sniffFormat(path)).toBe(`freesurfer-${kinds[oracle.kind]}`)
}

describe('the same as nibabel reads', () => {
  for (const [name, oracle] of Object.entries(oracles)) {
    const [where, file] = name.split('/')
    const path = join(where === 'reference' ? reference : shared, file)
    if (where === 'reference') test(name, () => compare(path, oracle))
    else test.skipIf(!existsSync(path))(`${name} (skipped: ../shared/data is absent)`, () => compare(path, oracle))
  }
  test('weights, which nibabel does not read, as they were written', async () => {
    const { vertices, values } = await readFreesurferWeights(join(reference, 'lh.weights.w'))
    expect({ vertices: [...vertices], values: [...values] }).toEqual(weights)
    expect(await sniffFormat(join(reference, 'lh.weights.w'))).toBe('freesurfer-weights')
  })
})

test('a surface is written as it was read', async () => {
  const mesh = await readFreesurferSurface(join(reference, 'lh.triangles'))
  const path = join(folder, 'lh.copy')
  await writeFreesurferSurface(path, mesh)
  expect(await readFreesurferSurface(path)).toEqual(mesh)
})

describe('what is refused, with a code', () => {
  const changed = (name: string, change: (bytes: Buffer) => Buffer | void) => {
    const bytes = readFileSync(join(reference, name))
    const path = join(folder, name)
    writeFileSync(path, change(bytes) ?? bytes)
    return path
  }
  const invalid = { code: 'FORMAT_INVALID' }
  test('more vertices or triangles than the file holds, and corners that are no vertices', async () => {
    const at = readFileSync(join(reference, 'lh.triangles')).indexOf('\n\n') + 2
    for (const [offset, value] of [
      [at, 0x7fffffff],
      [at + 4, 0x7fffffff],
      [at, -1],
      [at + 8 + 12 * 12, 12],
    ])
      await expect(
        readFreesurferSurface(changed('lh.triangles', (bytes) => void bytes.writeInt32BE(value, offset))),
      ).rejects.toMatchObject(invalid)
    await expect(readFreesurferSurface(join(reference, 'lh.curv'))).rejects.toMatchObject(invalid)
  })
  test('curvature with more values a vertex, or cut short', async () => {
    await expect(
      readFreesurferMorph(changed('lh.curv', (bytes) => void bytes.writeInt32BE(2, 11))),
    ).rejects.toMatchObject(invalid)
    await expect(readFreesurferMorph(changed('lh.oldcurv', (bytes) => bytes.subarray(0, -1)))).rejects.toMatchObject(
      invalid,
    )
  })
  test('annotations without a table, with a colour that is not in it, or with a vertex that is not there', async () => {
    const none = changed('lh.new.annot', (bytes) => bytes.subarray(0, 4 + 8 * 12))
    await expect(readAnnot(none)).rejects.toThrow(/colour table/)
    const colour = changed('lh.new.annot', (bytes) => void bytes.writeInt32BE(0x010203, 8))
    await expect(readAnnot(colour)).rejects.toThrow(/the table lacks/)
    const vertex = changed('lh.old.annot', (bytes) => void bytes.writeInt32BE(12, 4))
    await expect(readAnnot(vertex)).rejects.toMatchObject(invalid)
  })
  test('a label whose count is not its lines, or with other than numbers', async () => {
    const text = (change: (text: string) => string) =>
      changed('lh.cortex.label', (bytes) => Buffer.from(change(bytes.toString())))
    await expect(readFreesurferLabel(text((was) => was.replace('\n4\n', '\n5\n')))).rejects.toMatchObject({
      ...invalid,
      parts: { where: { line: 2 } },
    })
    await expect(readFreesurferLabel(text((was) => was.replace(/\n1 .*/, '\n1 a b c d')))).rejects.toMatchObject({
      parts: { where: { line: 3 } },
    })
  })
})
