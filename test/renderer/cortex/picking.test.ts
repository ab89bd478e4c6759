import { describe, expect, test } from 'vitest'
import { layoutPanels, noOrbit, panelCameras, project, views } from '../../../src-renderer/cortex/camera.ts'
import { buildMesh } from '../../../src-renderer/cortex/geometry.ts'
import { pick } from '../../../src-renderer/cortex/picking.ts'
import { syntheticSurface } from '../syntheticCortex.ts'

const surface = syntheticSurface(16)
const meshes = { left: buildMesh(surface.left, 'inflated'), right: buildMesh(surface.right, 'inflated') }

describe('picking', () => {
  test('finds each vertex that faces the viewer where it is drawn, in every view and turned', () => {
    for (const view of views)
      for (const orbit of [noOrbit, { yaw: 0.5, pitch: -0.3, zoom: 1 }]) {
        const panels = layoutPanels(view, 800, 600)
        const cameras = panelCameras(panels, meshes, orbit)
        let tried = 0
        panels.forEach((panel, i) => {
          const { rotation: r } = cameras[i]
          const { positions, normals } = meshes[panel.hemisphere]
          for (let v = 0; v < positions.length / 3; v += 37) {
            const facing = r[6] * normals[v * 3] + r[7] * normals[v * 3 + 1] + r[8] * normals[v * 3 + 2]
            // At the rim a vertex is behind its own neighbours.
            if (facing < 0.35) continue
            const [x, y] = project([positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]], cameras[i], panel)
            expect(pick(x, y, 800, 600, { meshes, view, orbit }), `${view}, vertex ${v}`).toEqual({
              hemisphere: panel.hemisphere,
              vertex: v,
            })
            tried++
          }
        })
        expect(tried).toBeGreaterThan(5)
      }
  })
  test('finds nothing beside the brain or outside the drawing', () => {
    const options = { meshes, view: 'lateral' as const, orbit: noOrbit }
    expect(pick(2, 2, 800, 600, options)).toBeNull()
    expect(pick(-5, 300, 800, 600, options)).toBeNull()
    expect(pick(900, 300, 800, 600, options)).toBeNull()
  })
})
