/** Draws a grid on its canvas when something has changed: in WebGL2, or in software where that is missing or breaks. */
import { computed, onScopeDispose, ref, watch, type Ref, type ShallowRef } from 'vue'
import { paintMap, type Paint } from '../colormaps/paint.ts'
import { labelsOnMesh, valuesOnMesh } from '../cortex/discs.ts'
import { GridRenderer } from '../cortex/grid/renderer.ts'
import { rowsSeen } from '../cortex/grid/layout.ts'
import { rasterise, type Drawing } from '../cortex/raster.ts'
import { useCompare, type GridCell } from '../stores/compare.ts'
import { useSelection } from '../stores/selection.ts'
import { useStudy } from '../stores/study.ts'
import type { SharedScale } from './useGridScales.ts'
import type { useGridView } from './useGridView.ts'
import type { Quantity } from '../plots/gridRows.ts'

/** Of a cell whose map is not there: the cortex. */
const bare: Paint = {
  scale: { colormap: 'viridis', limits: { low: 0, high: 1 }, threshold: null },
  level: null,
  fade: false,
}
const nothing = { calls: 0, bytes: 0 }
/** Milliseconds that what was shown before stays while maps come. */
const patience = 400

export function useGridCanvas(
  canvas: Readonly<ShallowRef<HTMLCanvasElement | null>>,
  view: ReturnType<typeof useGridView>,
  scales: Readonly<Ref<ReadonlyMap<Quantity, SharedScale>>>,
  size: Readonly<Ref<{ readonly width: number; readonly height: number }>>,
  scroll: Readonly<Ref<number>>,
) {
  const { surface } = useStudy()
  const { morph } = useSelection()
  const { compare, cells, rows, columns, stateOf, held } = useCompare()
  const drawer = ref<'webgl' | 'software'>('webgl')
  let renderer: GridRenderer | null = null
  let frame = 0

  /** The same list while cameras turn: nothing is made for a frame. */
  const seenCells = computed<readonly GridCell[]>(() => {
    const [first, last] = rowsSeen(view.layout.value, rows.value.length, scroll.value, size.value.height)
    return cells.value.slice(first * columns.value.length, (last + 1) * columns.value.length)
  })
  const seenMaps = computed(() => new Set(seenCells.value.map(({ mapKey }) => mapKey)).size)

  const waits = computed(() =>
    seenCells.value.some(({ mapKey }) => mapKey !== null && (stateOf(mapKey)?.state ?? 'loading') === 'loading'),
  )
  let giveUp: ReturnType<typeof setTimeout> | undefined
  watch(
    waits,
    (now) => {
      clearTimeout(giveUp)
      held.value = now
      if (now) giveUp = setTimeout(() => (held.value = false), patience)
    },
    // At once: what is drawn from the cells before the maps are there would be a step back.
    { flush: 'sync', immediate: true },
  )

  function draw() {
    frame = 0
    const element = canvas.value
    const { width, height } = size.value
    if (!element || !surface.value || width < 2 || height < 2) return
    const seen = seenCells.value
    // Its maps will be here in a moment: no frame without them.
    if (held.value && element.dataset['drawn']) return
    const density = Math.min(window.devicePixelRatio || 1, 2)
    if (drawer.value === 'software') drawInSoftware(element, seen)
    else if (renderer) drawWithGpu(renderer, seen, density)
    tell(element, waits.value)
  }

  /** Of the last frame, on the canvas, for whoever measures. Not for Vue, which would go through all cells at every frame. */
  function tell({ dataset }: HTMLCanvasElement, waits: boolean) {
    const { calls, bytes } = renderer?.stats ?? nothing
    if (dataset['calls'] !== String(calls)) dataset['calls'] = String(calls)
    if (dataset['bytes'] !== String(bytes)) dataset['bytes'] = String(bytes)
    if (renderer) renderer.stats.bytes = 0
    dataset['drawn'] = waits ? 'waiting' : 'true'
    // Counted up, so that whoever measures sees that another frame is on the screen.
    dataset['frame'] = String(Number(dataset['frame'] ?? 0) + 1)
  }

  function drawWithGpu(gpu: GridRenderer, seen: readonly GridCell[], density: number) {
    const { width, height } = size.value
    gpu.begin(width, height, density, density > 1 ? 1 : 2)
    gpu.reserve(seenMaps.value)
    for (const cell of seen) {
      const state = stateOf(cell.mapKey)
      const key = state?.state === 'ready' ? cell.mapKey : null
      if (state?.state === 'ready' && key !== null) {
        const { left, right, significance } = state.map
        gpu.put(key, { left, right, tested: significance })
      }
      const paint = scales.value.get(cell.quantity)?.paint ?? bare
      const down = cell.row * view.layout.value.cellHeight - scroll.value
      const names = compare.linked ? cell.shared : cell.own
      for (const { panel, camera } of view.columnOf(cell))
        gpu.draw(names[panel.hemisphere], panel, down, camera, morph.value, key, paint, compare.outlines, cell.discs)
    }
    gpu.end()
  }

  function drawInSoftware(element: HTMLCanvasElement, seen: readonly GridCell[]) {
    const drawings = seen.flatMap((cell): Drawing[] => {
      const state = stateOf(cell.mapKey)
      const map = state?.state === 'ready' ? state.map : null
      const paint = scales.value.get(cell.quantity)?.paint ?? bare
      const meshes = view.meshesOf(cell)
      if (!meshes) return []
      return view.panelsOf(cell).map(({ panel, camera }) => {
        const mesh = meshes[panel.hemisphere]
        const values = valuesOnMesh(map?.[panel.hemisphere] ?? new Float32Array(0), mesh)
        const p = map?.significance?.[panel.hemisphere]
        const colours = paintMap(values, p ? valuesOnMesh(p, mesh) : null, mesh.underlay, paint)
        const labels = surface.value?.[panel.hemisphere].labels
        const regions = compare.outlines && labels ? labelsOnMesh(labels, mesh) : undefined
        return { panel: { ...panel, y: panel.y - scroll.value }, camera, mesh, colours, regions }
      })
    })
    const { rgba, width, height } = rasterise(size.value.width, size.value.height, drawings, 1)
    element.width = width
    element.height = height
    element.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0)
  }

  function request() {
    frame ||= requestAnimationFrame(draw)
  }

  function release() {
    canvas.value?.removeEventListener('webglcontextlost', fallBack)
    renderer?.dispose()
    renderer = null
  }

  function fallBack(event?: Event) {
    event?.preventDefault()
    release()
    drawer.value = 'software'
  }

  watch(
    [canvas, surface],
    ([element]) => {
      release()
      if (element && surface.value && drawer.value === 'webgl') {
        try {
          renderer = new GridRenderer(element, surface.value)
          element.addEventListener('webglcontextlost', fallBack, { once: true })
        } catch {
          fallBack()
        }
      }
      request()
    },
    { flush: 'post' },
  )
  watch(
    [
      cells,
      scales,
      size,
      scroll,
      view.layout,
      morph,
      () => compare.orbit,
      () => compare.orbits,
      () => compare.linked,
      () => compare.outlines,
      drawer,
      held,
    ],
    request,
    { flush: 'post', immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(giveUp)
    held.value = false
    cancelAnimationFrame(frame)
    release()
  })
  return { drawer }
}
