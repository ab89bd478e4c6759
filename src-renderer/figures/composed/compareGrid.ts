/** Compare's grid on a page: rows of maps in columns of views, a colour bar a quantity; painted as the window paints it. */
import type { GridMap, MapSpec } from '../../../src-main/contract/maps.ts'
import type { Hemisphere, SurfaceData } from '../../../src-main/contract/study.ts'
import { paintMap, type Paint } from '../../colormaps/paint.ts'
import { beyondLimits } from '../../colormaps/scale.ts'
import { noOrbit, panelCameras, type Camera } from '../../cortex/camera.ts'
import { labelsOnMesh, valuesOnMesh } from '../../cortex/discs.ts'
import { buildMesh, type Mesh } from '../../cortex/geometry.ts'
import { cellPanels } from '../../cortex/grid/layout.ts'
import { rasterise, type Drawing } from '../../cortex/raster.ts'
import { colourBar, colourBarHeight } from '../../plots/colourBar.ts'
import { formatLimit } from '../../plots/format.ts'
import { columnText, quantities } from '../../plots/gridRows.ts'
import { layerBar } from '../../plots/layerBar.ts'
import { element, shorten, text, wrap } from '../../plots/svg.ts'
import { dotsOf } from '../brain.ts'
import { drawMarks } from '../marks.ts'
import { lineHeight, mm, placed, typeSizes, type Box } from '../page.ts'
import { pngUrl } from '../png.ts'
import { discsOf, morphOf } from './formed.ts'
import { compareSpecs, paintOf, specAt, type ComparePanel } from './specs.ts'

const size = typeSizes.body
/** Under a colour bar: what is shown, and what is coloured. */
const mostLines = 3
const leastBar = 42 * mm
const mostBar = 70 * mm

const sides = ['left', 'right'] as const

/** @throws RangeError for a picture of more than 64 million dots, and as `buildMesh` */
export function compareGrid(
  panel: ComparePanel,
  surface: SurfaceData,
  mapOf: (spec: MapSpec) => GridMap,
  dpi: number,
  box: Box,
): string {
  const { rows, columns } = panel
  const { width, theme } = box
  const titles = Math.min(0.24 * width, 34 * mm)
  const heads = 1.3 * lineHeight
  const bars = drawBars(panel, mapOf, box)
  const grid = { width: Math.max(1, width - titles), height: Math.max(1, box.height - heads - bars.height) }
  const cell = { width: grid.width / columns.length, height: grid.height / rows.length }
  const quiet = { size, fill: theme.quiet }
  return element(
    'g',
    {},
    ...columns.map((column, c) =>
      text(titles + (c + 0.5) * cell.width, size, shorten(columnText(column), cell.width, size), {
        ...{ ...quiet, anchor: 'middle' },
      }),
    ),
    ...rows.map(({ name, note }, r) => {
      const room = Math.max(1, Math.floor(cell.height / lineHeight) - 1)
      const notes = wrap(note, titles - 2 * mm, size).slice(0, room)
      const first = heads + (r + 0.5) * cell.height - ((notes.length - 1) / 2) * lineHeight
      return [
        text(0, first, shorten(name, titles - mm, size), { size, fill: theme.ink, weight: 600 }),
        ...notes.map((line, i) => text(0, first + (i + 1) * lineHeight, line, quiet)),
      ].join('')
    }),
    placed(titles, heads, drawCells(panel, surface, mapOf, dpi, { ...grid, theme })),
    placed(0, box.height - bars.height, bars.drawn),
  )
}

function drawCells(
  panel: ComparePanel,
  surface: SurfaceData,
  mapOf: (spec: MapSpec) => GridMap,
  dpi: number,
  { width, height, theme }: Box,
): string {
  const { rows, columns, orbit = noOrbit, outlines, turned = [], names = false, pins = [] } = panel
  const { density, rows: high, samples } = dotsOf(width, height, dpi)
  const layout = { cellWidth: width / columns.length, cellHeight: high / rows.length, height: high }
  const meshesBySubject = new Map<string, Record<Hemisphere, Mesh>>()
  /** Of whose electrodes are shown; the same where there are none. */
  const meshesOf = (subject: string) => {
    const whose = surface.unplaced ? subject : 'mean'
    const known = meshesBySubject.get(whose)
    if (known) return known
    const meshOf = (side: Hemisphere) => buildMesh(surface[side], morphOf(panel), discsOf(panel, whose))
    const made = { left: meshOf('left'), right: meshOf('right') }
    meshesBySubject.set(whose, made)
    return made
  }
  const meshes = meshesOf('mean')
  const firstRow = columns.map((column, c) => cellPanels(column, layout, 0, c))
  const camerasFor = (own: typeof orbit) => panelCameras(firstRow.flat(), meshes, own)
  const shared = camerasFor(orbit)
  const before = firstRow.map((_, c) => firstRow.slice(0, c).flat().length)
  const painted = new Map<string, Record<Hemisphere, Uint8Array>>()
  const coloursOf = (spec: MapSpec | null) => {
    const key = JSON.stringify(spec)
    const known = painted.get(key)
    if (known) return known
    const map = spec && mapOf(spec)
    const paint = paintOf(panel, spec?.kind ?? null)
    const [left, right] = sides.map((side) => {
      const spread = (values: Float32Array) => valuesOnMesh(values, meshes[side])
      const tested = map?.significance?.[side]
      return paintMap(
        spread(map?.[side] ?? new Float32Array(0)),
        tested ? spread(tested) : null,
        meshes[side].underlay,
        paint,
      )
    })
    painted.set(key, { left, right })
    return { left, right }
  }
  const drawings = rows.flatMap((_, r) =>
    columns.flatMap((_column, c) => {
      const own = turned.find(({ row, column }) => row === r && column === c)?.orbit
      const cameras = own ? camerasFor(own) : shared
      const spec = specAt(panel, r, c)
      const colours = coloursOf(spec)
      const shownMeshes = meshesOf(spec?.of.subject ?? 'mean')
      return firstRow[c].map(({ hemisphere, aspect, x, y, width: w, height: h }, i): Drawing => ({
        panel: {
          ...{ hemisphere, aspect, x: x * density, width: w * density, height: h * density },
          y: (y + r * layout.cellHeight) * density,
        },
        camera: denser(cameras[before[c] + i], density),
        mesh: shownMeshes[hemisphere],
        colours: colours[hemisphere],
        regions: outlines ? labelsOnMesh(surface[hemisphere].labels, shownMeshes[hemisphere]) : undefined,
      }))
    }),
  )
  const picture = rasterise(width * density, high * density, drawings, samples, density)
  // As in the window: letters and names in the first row, pins everywhere.
  const over = drawings.map(({ panel: one, camera, mesh }, i) => {
    const seen = {
      panel: {
        ...{ hemisphere: one.hemisphere, aspect: one.aspect, x: one.x / density, y: one.y / density },
        ...{ width: one.width / density, height: one.height / density },
      },
      camera: denser(camera, 1 / density),
      mesh,
    }
    const first = i < firstRow.flat().length
    return drawMarks([seen], surface, { directions: first, names: first && names, pins }, typeSizes.marks, theme)
  })
  const image = { x: 0, y: 0, width, height: high, href: pngUrl(picture), preserveAspectRatio: 'none' }
  return element('g', {}, element('image', image), ...over)
}

const denser = (camera: Camera, density: number): Camera => ({
  ...camera,
  pixelsPerMillimetre: camera.pixelsPerMillimetre * density,
})

/** A bar a quantity that is shown, side by side in as many rows as they need. */
function drawBars(panel: ComparePanel, mapOf: (spec: MapSpec) => GridMap, { width, theme }: Box) {
  const specs = compareSpecs(panel)
  const shown = quantities.filter((quantity) => specs.some(({ kind }) => kind === quantity))
  const across = Math.max(1, Math.min(shown.length, Math.floor(width / leastBar)))
  const room = width / across
  const barWidth = Math.min(mostBar, room - 6 * mm)
  const bars = shown.map((quantity) => {
    const own = specs.filter(({ kind }) => kind === quantity)
    const maps = own.map(mapOf)
    const paint = paintOf(panel, quantity)
    const words = `${[...new Set(maps.map(({ label }) => label))].join('; ')}${colouredWords(paint)}`
    const lines = wrap(words, room - 4 * mm, size).slice(0, mostLines)
    const [x, middle] = [(room - barWidth) / 2, room / 2]
    const [first] = own
    const bar =
      first.kind === 'preferred'
        ? placed(
            x,
            0,
            element(
              'g',
              { transform: `scale(${(size / 11).toFixed(6)})` },
              layerBar({ layers: first.layers, x: 0, y: 0, width: (barWidth * 11) / size, theme }),
            ),
          )
        : colourBar({
            scale: paint.fade ? { ...paint.scale, threshold: null } : paint.scale,
            ...{ label: null, size, x, y: 0, width: barWidth, theme },
            beyond: beyondLimits(
              maps.flatMap(({ left, right }) => [left, right]),
              paint.scale,
            ),
          })
    const under = colourBarHeight(size) - lineHeight
    return {
      height: under + lines.length * lineHeight,
      drawn: [
        bar,
        ...lines.map((line, i) =>
          text(middle, under + (i + 0.5) * lineHeight, line, { size, fill: theme.quiet, anchor: 'middle' }),
        ),
      ].join(''),
    }
  })
  let top = mm
  const drawn: string[] = []
  for (let at = 0; at < bars.length; at += across) {
    const row = bars.slice(at, at + across)
    row.forEach((one, i) => drawn.push(placed(i * room, top, one.drawn)))
    top += Math.max(...row.map(({ height }) => height)) + mm
  }
  return { height: top, drawn: drawn.join('') }
}

/** In short; the caption has it in full. */
function colouredWords({ scale: { colormap, limits, threshold }, level, fade }: Paint): string {
  const how = fade ? 'fainter' : 'not coloured'
  if (level !== null) return `; ${how} where adjusted p > ${formatLimit(level)}`
  if (threshold === null) return ''
  return colormap === 'blue-red'
    ? `; ${how} within ${formatLimit(threshold)} of ${formatLimit((limits.low + limits.high) / 2)}`
    : `; ${how} below ${formatLimit(threshold)}`
}
