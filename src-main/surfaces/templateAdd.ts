/** Adds a template to the user's data folder from files that are there already, checked. */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { HeschlError } from '../errors.ts'
import { giftiShape, giftiSurface, writeGifti } from '../formats/giftiWrite.ts'
import { checkVertices, readFlatMesh } from './hemisphere.ts'
import { readMesh, readShape } from './surfaceFile.ts'
import type { TriangleMesh } from './surfaceFile.ts'
import { knownChecksums } from './templateChecksums.ts'
import { recordName, templateName, templates, templatesDirectory } from './templates.ts'
import type { Side } from './types.ts'

/** Forms of a surface, by the words that a file's name may have for them. */
const meshes = { pial: ['pial'], white: ['white', 'midthickness'], infl: ['infl', 'inflated'], sphere: ['sphere'] }
const others = { flat: ['flat'], sulc: ['sulc'] }
type Kind = keyof typeof meshes | keyof typeof others

export interface AddedTemplate {
  readonly name: string
  readonly folder: string
  readonly source: string
  readonly vertices: number
  /** Files that were written, with the SHA-256 of what is in them: coordinates and triangles, or values. */
  readonly checksums: Readonly<Record<string, string>>
  /** Of the checksums that are known of this template: how many agree, and of how many. */
  readonly known: { readonly agreed: number; readonly of: number }
  readonly notes: readonly string[]
}

/**
 * Adds a template, or replaces the one that is there.
 * @param name `fsaverage5`, `fs_LR_32k`…
 * @param from FreeSurfer's `subjects` folder or a subject's, nilearn's package folder, or a folder of GIFTI files
 * @throws HeschlError OPTION_INVALID for a name that is not known, FILE_MISSING, SHAPE_MISMATCH, FORMAT_INVALID, DISK_FULL
 */
export async function addTemplate(name: string, from: string): Promise<AddedTemplate> {
  const known = templateName(name)
  const template = templates.get(known)
  if (!template)
    throw new HeschlError('OPTION_INVALID', `There is no template \`${name}\``, {
      expected: `one of ${[...templates.keys()].join(', ')}`,
      found: name,
    })
  const found = await findFiles(known, resolve(from))
  const target = join(templatesDirectory(), known)
  const scratch = `${target}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await mkdir(scratch, { recursive: true })
    const written = { ...(await addSide('left', found, template.vertices, scratch)) }
    Object.assign(written, await addSide('right', found, template.vertices, scratch))
    const agreed = knownChecksums[known] ?? {}
    const compared = Object.entries(agreed).filter(([file]) => written[file] !== undefined)
    const matching = compared.filter(([file, sum]) => written[file] === sum).length
    const record = { name: known, source: found.folder, checksums: written }
    await writeFile(join(scratch, recordName), `${JSON.stringify(record, null, 2)}\n`)
    await rm(target, { recursive: true, force: true })
    await rename(scratch, target)
    return {
      ...record,
      folder: target,
      vertices: template.vertices,
      known: { agreed: matching, of: compared.length },
      notes: notesOf(written, matching, compared.length),
    }
  } catch (error) {
    await rm(scratch, { recursive: true, force: true })
    throw HeschlError.from(error, { file: from })
  }
}

function notesOf(written: Readonly<Record<string, string>>, agreed: number, of: number): readonly string[] {
  const missing = (['infl', 'sulc', 'sphere'] as const).filter((kind) => written[`${kind}_left.gii.gz`] === undefined)
  return [
    ...(agreed < of ? [`${of - agreed} of ${of} files differ from those of nilearn's template of this name`] : []),
    ...missing.map((kind) => `No ${kind === 'infl' ? 'inflated form' : kind === 'sulc' ? 'sulcal depth' : 'sphere'}`),
  ]
}

interface Found {
  readonly folder: string
  readonly files: Readonly<Record<Side, ReadonlyMap<Kind, string>>>
}

/** The first of the places where such a folder may have it. */
async function findFiles(name: string, from: string): Promise<Found> {
  if (!existsSync(from)) throw new HeschlError('FILE_MISSING', 'There is no such folder', { where: { file: from } })
  const { folders, marks } = templates.get(name)!
  const below = folders.flatMap((folder) =>
    [folder, join('datasets', 'data', folder), join('nilearn', 'datasets', 'data', folder)].map((path) =>
      join(from, path),
    ),
  )
  for (const place of [...below, from]) {
    for (const folder of [join(place, 'surf'), place]) {
      const files = await filesIn(folder, marks)
      if (files.left.size > 0 && files.right.size > 0) return { folder, files }
    }
  }
  throw new HeschlError('FILE_MISSING', `This folder has no surfaces of \`${name}\``, {
    where: { file: from },
    expected: `${folders[0]}/surf/lh.pial (FreeSurfer), pial_left.gii.gz (nilearn), or GIFTI surfaces of both hemispheres`,
    found: 'none',
    remedy: "Name FreeSurfer's subjects folder, nilearn's package folder, or a folder of GIFTI files",
  })
}

const sides: readonly (readonly [Side, RegExp])[] = [
  ['left', /(^|[._-])(lh|left|l|hemi-l)([._-]|$)/i],
  ['right', /(^|[._-])(rh|right|r|hemi-r)([._-]|$)/i],
]

async function filesIn(folder: string, marks: readonly RegExp[]): Promise<Found['files']> {
  const found = { left: new Map<Kind, string>(), right: new Map<Kind, string>() }
  const isFolder = await stat(folder).then(
    (status) => status.isDirectory(),
    () => false,
  )
  if (!isFolder) return found
  const all = (await readdir(folder))
    .filter((file) => /^[lr]h\.([a-z]+|cortex\.patch\.flat)$|\.gii(\.gz)?$/.test(file))
    .sort()
  const marked = all.filter((file) => marks.some((mark) => mark.test(file)))
  // A short name is the plain form: pial_left rather than pial_inflated.left
  const files = (marked.length > 0 ? marked : all).sort((a, b) => a.length - b.length)
  for (const [kind, names] of Object.entries({ ...meshes, ...others })) {
    for (const [side, pattern] of sides) {
      const without = kind === 'flat' ? /very/ : /very|[._-]flat/
      const wanted = (word: string) => (file: string) =>
        pattern.test(file) && file.toLowerCase().split(/[._-]/).includes(word) && !without.test(file)
      const file = names.map((word) => files.find(wanted(word))).find((name) => name !== undefined)
      if (file !== undefined) found[side].set(kind as Kind, join(folder, file))
    }
  }
  return found
}

/** Reads, checks and writes one hemisphere. */
async function addSide(
  side: Side,
  { folder, files }: Found,
  vertices: number,
  to: string,
): Promise<Record<string, string>> {
  const written: Record<string, string> = {}
  let first: TriangleMesh | undefined
  for (const kind of Object.keys(meshes) as (keyof typeof meshes)[]) {
    const file = files[side].get(kind)
    if (file === undefined) continue
    const mesh = await readMesh(file, side)
    checkVertices(mesh.points.length / 3, vertices, file, side)
    checkTopology(mesh, first, file, side)
    first ??= mesh
    written[`${kind}_${side}.gii.gz`] = await writeMesh(mesh, join(to, `${kind}_${side}.gii.gz`))
  }
  if (!first || (!files[side].has('pial') && !files[side].has('white')))
    throw new HeschlError('FILE_MISSING', `There is no pial or white surface of the ${side} hemisphere`, {
      where: { file: folder, hemisphere: side },
      expected: 'pial, white or midthickness',
      found: [...files[side].values()].map((path) => basename(path)).join(', ') || 'none',
    })
  const flat = files[side].get('flat')
  if (flat !== undefined) {
    const mesh = await readFlatMesh(flat, side, first)
    written[`flat_${side}.gii.gz`] = await writeMesh(mesh, join(to, `flat_${side}.gii.gz`))
  }
  const sulc = files[side].get('sulc')
  if (sulc !== undefined) {
    const values = await readShape(sulc, side)
    checkVertices(values.length, vertices, sulc, side)
    await writeGifti(join(to, `sulc_${side}.gii.gz`), giftiShape(values))
    written[`sulc_${side}.gii.gz`] = checksum(values)
  }
  return written
}

/** @returns its checksum */
async function writeMesh({ points, triangles }: TriangleMesh, file: string): Promise<string> {
  await writeGifti(file, giftiSurface(points, triangles))
  return checksum(points, triangles)
}

/** A template is a closed surface without holes: 2V - 4 triangles (Euler), the same in all its forms. */
function checkTopology(mesh: TriangleMesh, first: TriangleMesh | undefined, file: string, side: Side): void {
  const expected = (2 * mesh.points.length) / 3 - 4
  const same = !first || mesh.triangles.every((corner, i) => corner === first.triangles[i])
  if (mesh.triangles.length / 3 === expected && same) return
  throw new HeschlError('SHAPE_MISMATCH', 'A surface is not of this template', {
    where: { file, hemisphere: side },
    expected: same ? `${expected} triangles, as a closed surface has` : 'the triangles of the other forms',
    found: same ? `${mesh.triangles.length / 3}` : 'others',
    remedy: 'Name a folder with the forms of one template',
  })
}

/** SHA-256 of the numbers, little-endian: the same whatever the file's format. */
function checksum(...arrays: readonly (Float32Array | Uint32Array)[]): string {
  const hash = createHash('sha256')
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return hash.digest('hex')
}
