/**
 * Draws a triangle that nobody sees: the browser starts what draws, and compiles the shaders, before a study is there. The
 * first map otherwise waits for both, some 300 ms without a GPU.
 */
import { noOrbit } from './camera.ts'
import { buildMesh } from './geometry.ts'
import { createRenderer } from './scene.ts'

const triangle = new Float32Array([0, 0, 0, 1, 0, 0, 0, 1, 0])
const surface = {
  ...{ folded: triangle, inflated: triangle, triangles: new Uint32Array([0, 1, 2]) },
  ...{ sulc: new Float32Array(3), labels: new Uint16Array(3) },
}

export function warmDrawing(): void {
  try {
    const renderer = createRenderer(document.createElement('canvas'))
    const mesh = buildMesh(surface, 'folded')
    const [meshes, colours] = [{ left: mesh, right: mesh }, new Uint8Array(12)]
    renderer?.draw({ meshes, colours: { left: colours, right: colours }, view: 'lateral', orbit: noOrbit }, 8, 8)
    renderer?.dispose()
  } catch {
    // A browser without it draws in software (composables/useCortexCanvas.ts).
  }
}
