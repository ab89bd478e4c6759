/** Where places of the cortex are on screen, in each panel that shows their hemisphere from their side. */
import { computed, type Ref } from 'vue'
import { panelCameras, project, type Panel } from '../cortex/camera.ts'
import { discRadius, pinPlace, type PinPlace } from '../cortex/discsOnPanel.ts'
import type { CortexScene } from '../cortex/panels.ts'
import type { Place } from '../cortex/picking.ts'
import { usePins } from '../stores/pins.ts'
import { useSelection } from '../stores/selection.ts'

/** The marker under the pointer has no number; pins have theirs, and their colour. */
interface Marker extends PinPlace {
  readonly key: string
  readonly number: number | null
  readonly colour: string | null
}

/** As the view draws it, CSS pixels. */
const numberRadius = 9

export function useMarkers(scene: Readonly<Ref<CortexScene | null>>, panels: Readonly<Ref<readonly Panel[]>>) {
  const { selection } = useSelection()
  const { pins } = usePins()
  const cameras = computed(() =>
    scene.value ? panelCameras(panels.value, scene.value.meshes, scene.value.orbit) : null,
  )

  function placesOf({
    hemisphere,
    vertex,
  }: Place): readonly { x: number; y: number; radius: number | null; panel: string }[] {
    const mesh = scene.value?.meshes[hemisphere]
    if (!mesh || !cameras.value || vertex * 3 >= mesh.positions.length) return []
    const at = (array: Float32Array) =>
      [array[vertex * 3] ?? 0, array[vertex * 3 + 1] ?? 0, array[vertex * 3 + 2] ?? 0] as const
    const own = cameras.value
    const radius = discRadius(mesh, vertex)
    return panels.value.flatMap((panel, i) => {
      const camera = own[i]
      if (panel.hemisphere !== hemisphere || !camera) return []
      const { rotation: r } = camera
      const [nx, ny, nz] = at(mesh.normals)
      if (r[6] * nx + r[7] * ny + r[8] * nz <= 0) return []
      const [x, y] = project(at(mesh.positions), camera, panel)
      const disc = radius === null ? null : radius * camera.pixelsPerMillimetre
      return [{ x, y, radius: disc, panel: `${panel.hemisphere} ${panel.aspect}` }]
    })
  }

  const markers = computed<readonly Marker[]>(() => {
    const pinned = pins.value.flatMap((pin, i) =>
      placesOf(pin).map(({ x, y, radius, panel }) => ({
        ...pinPlace(x, y, radius, numberRadius),
        ...{ key: `${pin.id} ${panel}`, number: i + 1, colour: pin.colour },
      })),
    )
    const hovered = selection.place === null ? [] : placesOf(selection.place)
    return [
      ...pinned,
      ...hovered.map(({ x, y, panel }) => ({
        ...{ x, y, ring: null, key: panel, number: null, colour: null },
      })),
    ]
  })
  return { markers, cameras }
}
