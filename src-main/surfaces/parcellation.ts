/** A parcellation from GIFTI label files or FreeSurfer's annotations, applied to a surface. */
import { HeschlError } from '../errors.ts'
import { checkVertices } from './hemisphere.ts'
import { readLabelFile } from './labelFile.ts'
import type { LabelEntry, LabelFile } from './labelFile.ts'
import type { CorticalSurface, Region } from './types.ts'

type Colour = Region['colour']

/** Names that label files give to what is no region: outside the cortex, or outside the parcellation. */
const outside =
  /^(\?+|unknown|none|background( ?\+ ?freesurfer.*)?|(freesurfer[_ ]defined[_ ])?medial[_ ]?wall|corpus[_ ]?callosum)?$/i

const grey: Colour = [128, 128, 128]

/**
 * @param files one file with the left hemisphere's labels before the right's, or a file a hemisphere
 * @throws HeschlError FORMAT_INVALID, SHAPE_MISMATCH, FILE_MISSING, FILE_UNREADABLE
 */
export async function applyParcellation(
  surface: CorticalSurface,
  files: string | { readonly left: string; readonly right: string },
): Promise<CorticalSurface> {
  const regions: Region[] = [{ name: 'none', colour: grey }]
  const vertices = { left: surface.left.sulc.length, right: surface.right.sulc.length }
  if (typeof files === 'string') {
    const labels = await readLabels(files, regions)
    if (labels.length !== vertices.left + vertices.right) {
      throw new HeschlError('SHAPE_MISMATCH', 'A parcellation is not of this surface', {
        expected: `${vertices.left + vertices.right} labels, left before right`,
        found: `${labels.length}`,
        where: { file: files },
        remedy: 'For a file a hemisphere write `parcellation: {left: …, right: …}`',
      })
    }
    const left = { ...surface.left, labels: labels.slice(0, vertices.left) }
    return { ...surface, left, right: { ...surface.right, labels: labels.slice(vertices.left) }, regions }
  }
  const left = await readLabels(files.left, regions)
  checkVertices(left.length, vertices.left, files.left, 'left')
  const right = await readLabels(files.right, regions)
  checkVertices(right.length, vertices.right, files.right, 'right')
  return { ...surface, left: { ...surface.left, labels: left }, right: { ...surface.right, labels: right }, regions }
}

/** Index into `regions` a vertex; regions not there yet are added. The same name is the same region on both sides. */
async function readLabels(file: string, regions: Region[]): Promise<Uint16Array> {
  return labelsOf(await readLabelFile(file), file, regions)
}

/** Labels of anything, and the regions that they are indices of. @throws HeschlError FORMAT_INVALID */
export function regionsOfTable(labels: LabelFile, file: string): { labels: Uint16Array; regions: readonly Region[] } {
  const regions: Region[] = [{ name: 'none', colour: grey }]
  return { labels: labelsOf(labels, file, regions), regions }
}

function labelsOf({ keys, table }: LabelFile, file: string, regions: Region[]): Uint16Array {
  const indices = new Map(table.map((label) => [label.key, regionIndex(label, regions)]))
  // Writers leave out the key of what has no label
  for (const key of [0, -1]) if (!indices.has(key)) indices.set(key, 0)
  return Uint16Array.from(keys, (key) => {
    const index = indices.get(key)
    if (index !== undefined) return index
    throw new HeschlError('FORMAT_INVALID', 'This file is not a parcellation', {
      where: { file },
      expected: 'keys of its label table',
      found: `key ${key}, which the table lacks`,
      remedy: 'Name a .label.gii or an .annot file',
    })
  })
}

function regionIndex({ name, colour }: LabelEntry, regions: Region[]): number {
  if (outside.test(name)) return 0
  const known = regions.findIndex((region, index) => index > 0 && region.name === name)
  if (known > 0) return known
  regions.push({ name, colour: colour ?? hue(regions.length) })
  return regions.length - 1
}

/** For tables without colours: hues a golden angle apart, so that neighbours in the table differ. */
function hue(index: number): Colour {
  const turn = index * 2.399963
  const part = (phase: number) => Math.round(140 + 90 * Math.cos(turn + phase))
  return [part(0), part(-2.0944), part(2.0944)]
}
