/** What the cortex view shows, as data, and its drawing in software. The window and every figure share this. */
import type { Hemisphere } from '../../src-main/contract/study.ts'
import { layoutPanels, panelCameras, type Orbit, type View } from './camera.ts'
import type { Mesh } from './geometry.ts'
import { rasterise, type Picture } from './raster.ts'

export interface CortexScene {
  readonly meshes: Readonly<Record<Hemisphere, Mesh>>
  /** uint8 [vertices, 4] a hemisphere. */
  readonly colours: Readonly<Record<Hemisphere, Uint8Array>>
  readonly view: View
  readonly orbit: Orbit
}

/**
 * @param width, height of the drawing in CSS pixels
 * @param density picture pixels a CSS pixel
 * @param samples supersamples a picture pixel along each axis
 */
export function drawCortex(
  scene: CortexScene,
  width: number,
  height: number,
  density: number,
  samples: number,
): Picture {
  const panels = layoutPanels(scene.view, width * density, height * density)
  const cameras = panelCameras(panels, scene.meshes, scene.orbit)
  const drawings = panels.map((panel, i) => ({
    panel,
    camera: cameras[i],
    mesh: scene.meshes[panel.hemisphere],
    colours: scene.colours[panel.hemisphere],
  }))
  return rasterise(width * density, height * density, drawings, samples)
}
