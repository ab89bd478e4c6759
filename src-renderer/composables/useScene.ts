/** The surface and the map as a scene: meshes when the form changes, colours when map or scale change. */
import { computed } from 'vue'
import type { Hemisphere, HemisphereSurface } from '../../src-main/contract/study.ts'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure } from '../bridge/index.ts'
import { paintVertices } from '../colormaps/scale.ts'
import { valuesOnMesh } from '../cortex/discs.ts'
import { buildMesh } from '../cortex/geometry.ts'
import { drawBorders, regionBorders } from '../cortex/regionNames.ts'
import type { CortexScene } from '../cortex/panels.ts'
import { useSelection } from '../stores/selection.ts'
import { useStudy } from '../stores/study.ts'

const noValues = new Float32Array(0)

export function useScene() {
  const { surface } = useStudy()
  const { selection, map, morph, scale, discs } = useSelection()

  const built = computed(() => {
    if (surface.value === null) return null
    try {
      const { left, right } = surface.value
      const meshOf = (own: HemisphereSurface) => buildMesh(own, morph.value, discs.value)
      return { meshes: { left: meshOf(left), right: meshOf(right) } }
    } catch (thrown) {
      return { failure: describeFailure(thrown) }
    }
  })
  const sceneFailure = computed<SerializedError | null>(() => built.value?.failure ?? null)

  /** Grey alone while there is no map. */
  const colours = computed(() => {
    const meshes = built.value?.meshes
    if (!meshes) return null
    const colourScale = scale.value ?? { colormap: selection.colormap, limits: { low: 0, high: 1 }, threshold: null }
    const painted = (side: Hemisphere) => {
      const values = valuesOnMesh(map.value?.[side] ?? noValues, meshes[side])
      const colours = paintVertices(values, meshes[side].underlay, colourScale)
      if (selection.outlines && surface.value) drawBorders(colours, regionBorders(surface.value[side]))
      return colours
    }
    return { left: painted('left'), right: painted('right') }
  })

  const scene = computed<CortexScene | null>(() =>
    built.value?.meshes && colours.value
      ? { meshes: built.value.meshes, colours: colours.value, view: selection.view, orbit: selection.orbit }
      : null,
  )
  return { scene, sceneFailure }
}
