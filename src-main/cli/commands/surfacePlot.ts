/** `surface plot`: any map on any cortex, drawn by what draws the window's figures. */
import { basename, extname, resolve } from 'node:path'
import { mapFigure } from '../../../src-renderer/figures/index.ts'
import type { ColormapName, View } from '../../../src-renderer/figures/index.ts'
import { HeschlError } from '../../errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { renderPdf } from '../../jobs/host/pdf.ts'
import { renderPng } from '../../jobs/host/png.ts'
import { readElectrodeValues } from '../../formats/electrodes.ts'
import { electrodeTable, placeElectrodes } from '../../surfaces/electrodePlaces.ts'
import type { CorticalSurface } from '../../surfaces/types.ts'
import { loadSurface } from '../../surfaces/load.ts'
import { readMapOnSurface } from '../../surfaces/mapOnSurface.ts'
import { figureFormats } from '../figureFormats.ts'
import type { Output } from '../output.ts'

export interface PlotOptions {
  readonly surface: readonly string[]
  /** None where electrodes are drawn alone. */
  readonly map: readonly string[]
  /** A table of electrodes, the column with their values, and the diameter of their discs in millimetres. */
  readonly electrodes?: string
  readonly values?: string
  readonly discs: number
  readonly out: string
  readonly sulc?: readonly string[]
  readonly hemisphere?: 'left' | 'right'
  readonly index: number
  readonly view: View
  readonly form: 'inflated' | 'folded'
  readonly colours: ColormapName
  readonly limits?: { readonly low: number; readonly high: number }
  readonly centre: number
  readonly threshold?: number | 'automatic'
  readonly label?: string
  readonly title: string
  /** Millimetres. */
  readonly width: number
  readonly height: number
  readonly dpi: number
  readonly theme: 'light' | 'dark'
}

/** @throws HeschlError OPTION_INVALID; as `loadSurface` and `readMapOnSurface` */
export async function plot(options: PlotOptions, output: Output): Promise<number> {
  const { map: files, out, hemisphere, title, width, height, dpi } = options
  const format = figureFormats.find((one) => extname(out).toLowerCase() === `.${one}`)
  if (format === undefined)
    throw usage('The file’s name does not say its format', 'a name that ends in .svg, .pdf or .png', out)
  if (files.length === 0 && options.electrodes === undefined)
    throw usage('There is nothing to draw', '--map, or --electrodes with --values', 'neither')
  if ((options.electrodes === undefined) !== (options.values === undefined))
    throw usage('Electrodes are drawn with their values', '--electrodes with --values', 'one without the other')
  const bare = await loadSurface(surfaceOf(options), process.cwd())
  if (files.length > 2 || (files.length === 2 && hemisphere !== undefined))
    throw usage('A map is of one file or two', 'one file, or LEFT RIGHT without --hemisphere', files.join(' '))
  const vertices = { left: bare.left.sulc.length, right: bare.right.sulc.length }
  const map = await mapOf(options, vertices)
  const { surface, values, notes } = await withElectrodes(options, bare, map)
  const label = options.label ?? (map.name || (files.length > 0 ? basename(files[0]) : options.values!))
  const { svg, scale } = drawn(() =>
    mapFigure({
      discs: { diameter: options.discs, subject: null },
      ...{ surface, values, label, title, dpi, view: options.view, form: options.form, theme: options.theme },
      ...{ widthMm: width, heightMm: height, colormap: options.colours, centre: options.centre },
      ...{ limits: options.limits ?? null, threshold: options.threshold ?? null },
    }),
  )
  const bytes =
    format === 'svg'
      ? svg
      : format === 'pdf'
        ? await renderPdf(svg, title || label, '')
        : await renderPng(svg, dpi / 96)
  const file = resolve(out)
  await writeFileAtomic(file, bytes).catch((error: unknown) => {
    throw HeschlError.from(error, { file })
  })
  const { limits, threshold } = scale
  for (const note of notes) output.note(note)
  output.document({
    file,
    surface: surface.name,
    vertices,
    label,
    colours: options.colours,
    limits,
    threshold,
    notes,
  })
  output.say(`${file}: ${label} on ${surface.name}, colours from ${limits.low} to ${limits.high}`)
  return 0
}

type Map = Awaited<ReturnType<typeof readMapOnSurface>>

async function mapOf(
  { map: files, hemisphere, index }: PlotOptions,
  vertices: { readonly left: number; readonly right: number },
): Promise<Map> {
  const none = (count: number) => new Float32Array(count).fill(NaN)
  return files.length > 0
    ? readMapOnSurface({ files, hemisphere, index }, vertices)
    : { left: none(vertices.left), right: none(vertices.right), name: '' }
}

/** Values of electrodes after those of the vertices, as maps of a study of electrodes have them. */
async function withElectrodes(
  { electrodes: file, values: column, surface: spec }: PlotOptions,
  bare: CorticalSurface,
  map: Map,
) {
  const notes = [...bare.notes]
  if (file === undefined) return { surface: bare, values: map, notes }
  const table = await electrodeTable(resolve(file))
  const own = await readElectrodeValues(resolve(file), column!)
  const names = table.electrodes.map(({ name }) => name)
  const placed = await placeElectrodes(bare, spec.length === 1 ? spec[0] : spec, [
    { subject: basename(file), names, table },
  ])
  const { left, right } = placed.surface
  const all = new Float32Array(left.labels.length + right.labels.length).fill(NaN)
  all.set(map.left)
  all.set(map.right, left.labels.length)
  placed.points.forEach((point, i) => {
    if (point >= 0) all[point] = own[i]
  })
  const values = { left: all.slice(0, left.labels.length), right: all.slice(left.labels.length) }
  return { surface: placed.surface, values, notes: [...notes, ...placed.notes] }
}

function surfaceOf({ surface, sulc }: PlotOptions): Parameters<typeof loadSurface>[0] {
  const [first, second] = surface
  if (surface.length === 1 && sulc === undefined) return first
  if (surface.length !== 2 || (sulc !== undefined && sulc.length !== 2))
    throw usage(
      'A surface is a name, or two meshes',
      'a template, a folder, `schematic`, or LEFT RIGHT (and --sulc LEFT RIGHT)',
      surface.join(' '),
    )
  return { left: { folded: first, sulc: sulc?.[0] }, right: { folded: second, sulc: sulc?.[1] } }
}

function drawn<T>(draw: () => T): T {
  try {
    return draw()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw usage('The figure’s picture is too large', 'at most 64 million dots', error.message)
  }
}

const usage = (summary: string, expected: string, found: string) =>
  new HeschlError('OPTION_INVALID', summary, { expected, found })
