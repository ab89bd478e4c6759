/** From what a study file says of its surface to meshes that have been checked. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { HeschlError } from '../errors.ts'
import { readHemisphere, separated } from './hemisphere.ts'
import type { HemisphereFiles } from './hemisphere.ts'
import { applyParcellation } from './parcellation.ts'
import { schematicCortex } from './schematic/cortex.ts'
import { templateFolder } from './templates.ts'
import type { CorticalSurface, Side } from './types.ts'

/** As in the study file: `schematic`, a template, its or a FreeSurfer subject's folder, or files a hemisphere. */
type SurfaceSpec = string | { readonly left: HemisphereSpec; readonly right: HemisphereSpec }

/** Paths relative to the study file; `undefined` where the study gives none. */
interface HemisphereSpec {
  readonly folded: string
  readonly white?: string | undefined
  readonly inflated?: string | undefined
  readonly sulc?: string | undefined
  readonly sphere?: string | undefined
  readonly flat?: string | undefined
  readonly labels?: string | undefined
}

/** One file with left before right, or a file a hemisphere. */
type ParcellationSpec = string | { readonly left: string; readonly right: string }

export interface SurfaceFiles {
  readonly left: HemisphereFiles
  readonly right: HemisphereFiles
}

/**
 * Loads and checks a cortex.
 * @param baseDir the study file's folder
 * @param parcellation replaces the surface's own labels
 * @param draw the schematic cortex, for who has kept one
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, or SHAPE_MISMATCH when the files of a hemisphere
 *   do not belong together
 */
export async function loadSurface(
  spec: SurfaceSpec,
  baseDir: string,
  parcellation?: ParcellationSpec,
  draw: () => CorticalSurface = schematicCortex,
): Promise<CorticalSurface> {
  const surface = spec === 'schematic' ? draw() : await readSurface(spec, baseDir, parcellation)
  if (parcellation === undefined) return surface
  const files =
    typeof parcellation === 'string'
      ? resolve(baseDir, parcellation)
      : { left: resolve(baseDir, parcellation.left), right: resolve(baseDir, parcellation.right) }
  return applyParcellation(surface, files)
}

/** Every file `loadSurface` will read, as absolute paths; a template folder's that exist. */
export function surfaceFiles(spec: SurfaceSpec, baseDir: string, parcellation?: ParcellationSpec): string[] {
  const files: string[] = []
  const located = spec === 'schematic' ? undefined : locate(spec, baseDir)
  for (const side of ['left', 'right'] as const) {
    const paths = located?.[side]
    if (paths)
      files.push(
        ...[paths.folded, paths.inflated, paths.sulc, paths.sphere, paths.flat, paths.labels].filter(
          (path) => path !== undefined,
        ),
      )
  }
  if (typeof parcellation === 'string') files.push(resolve(baseDir, parcellation))
  else if (parcellation) files.push(resolve(baseDir, parcellation.left), resolve(baseDir, parcellation.right))
  return files
}

async function readSurface(
  spec: Exclude<SurfaceSpec, 'schematic'>,
  baseDir: string,
  parcellation: ParcellationSpec | undefined,
): Promise<CorticalSurface> {
  const files = locate(spec, baseDir)
  const notes: string[] = []
  const [left, right] = separated(
    await readHemisphere(files.left, 'left', notes),
    await readHemisphere(files.right, 'right', notes),
    notes,
  )
  const plain: CorticalSurface = {
    name: typeof spec === 'string' ? spec : 'surface files',
    schematic: false,
    left,
    right,
    regions: [{ name: 'none', colour: [128, 128, 128] }],
    notes,
  }
  const { labels } = files.left
  if (labels !== undefined && files.right.labels !== undefined) {
    return applyParcellation(plain, { left: labels, right: files.right.labels })
  }
  if ((labels === undefined) !== (files.right.labels === undefined)) {
    notes.push('Labels were given for one hemisphere alone and are not used')
  } else if (parcellation === undefined) notes.push('No parcellation: scores by region are not available')
  return plain
}

/** The files of a surface, absolute. @throws HeschlError FILE_MISSING where a hemisphere has none */
export function locate(spec: Exclude<SurfaceSpec, 'schematic'>, baseDir: string): SurfaceFiles {
  if (typeof spec === 'string') {
    const folder = resolve(baseDir, spec)
    // A folder beside the study comes before a template of that name
    return templateFiles(existsSync(folder) ? folder : (templateFolder(spec) ?? folder), spec)
  }
  return { left: absolute(spec.left, baseDir), right: absolute(spec.right, baseDir) }
}

function absolute(spec: HemisphereSpec, baseDir: string): HemisphereFiles {
  const { folded, white, inflated, sulc, sphere, flat, labels } = spec
  return {
    folded: resolve(baseDir, folded),
    ...(white === undefined ? {} : { white: resolve(baseDir, white) }),
    ...(inflated === undefined ? {} : { inflated: resolve(baseDir, inflated) }),
    ...(sulc === undefined ? {} : { sulc: resolve(baseDir, sulc) }),
    ...(sphere === undefined ? {} : { sphere: resolve(baseDir, sphere) }),
    ...(flat === undefined ? {} : { flat: resolve(baseDir, flat) }),
    ...(labels === undefined ? {} : { labels: resolve(baseDir, labels) }),
  }
}

/** Names as in nilearn's template folders (`pial_left.gii.gz`) and FreeSurfer's subjects (`surf/lh.pial`), in order. */
const templateNames = {
  folded: { stems: ['pial', 'white'], freesurfer: ['surf/?h.pial', 'surf/?h.white'] },
  white: { stems: ['white'], freesurfer: ['surf/?h.white'] },
  inflated: { stems: ['infl', 'inflated'], freesurfer: ['surf/?h.inflated'] },
  sulc: { stems: ['sulc'], freesurfer: ['surf/?h.sulc'] },
  sphere: { stems: ['sphere.reg', 'sphere'], freesurfer: ['surf/?h.sphere.reg', 'surf/?h.sphere'] },
  flat: { stems: ['flat'], freesurfer: ['surf/?h.cortex.patch.flat'] },
  labels: { stems: ['labels'], freesurfer: ['label/?h.aparc.annot'] },
} as const

/** The first file of a kind that is there. */
function findFile(folder: string, kind: keyof typeof templateNames, side: Side): string | undefined {
  const { stems, freesurfer } = templateNames[kind]
  const names = [
    ...stems.flatMap((stem) => [`${stem}_${side}.gii.gz`, `${stem}_${side}.gii`]),
    ...freesurfer.map((name) => name.replace('?', side[0])),
  ]
  return names.map((file) => resolve(folder, file)).find((path) => existsSync(path))
}

/** The files of a template's or a subject's folder. @throws HeschlError FILE_MISSING where a hemisphere has none */
function templateFiles(folder: string, name: string): SurfaceFiles {
  const hemisphere = (side: Side): HemisphereFiles => {
    const folded = findFile(folder, 'folded', side)
    if (folded === undefined) {
      throw new HeschlError('FILE_MISSING', `The surface \`${name}\` has no ${side} hemisphere`, {
        expected: `pial_${side}.gii.gz, white_${side}.gii.gz, surf/${side[0]}h.pial or surf/${side[0]}h.white in a folder`,
        found: existsSync(folder) ? 'a folder without them' : 'no such folder, and no template of that name',
        where: { file: folder, hemisphere: side },
        remedy:
          'Write `surface: schematic`, a template (`heschl template list`), a FreeSurfer subject folder, or the files of each hemisphere',
      })
    }
    const other = (kind: keyof typeof templateNames) => findFile(folder, kind, side)
    return absolute(
      {
        ...{ folded, white: other('white'), inflated: other('inflated'), sulc: other('sulc') },
        ...{ sphere: other('sphere'), flat: other('flat'), labels: other('labels') },
      },
      folder,
    )
  }
  return { left: hemisphere('left'), right: hemisphere('right') }
}
