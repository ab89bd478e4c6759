/**
 * The cortex in WebGL2: the same cameras, colours and lighting formula as the software raster, so that an export looks
 * like the screen. Colours are sRGB bytes that reach the canvas untouched: no tone mapping, no colour management.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Camera as ThreeCamera,
  DoubleSide,
  GLSL3,
  LinearSRGBColorSpace,
  Matrix3,
  Mesh as ThreeMesh,
  RawShaderMaterial,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from 'three'
import type { Hemisphere } from '../../src-main/contract/study.ts'
import { layoutPanels, panelCameras } from './camera.ts'
import type { Mesh } from './geometry.ts'
import type { CortexScene } from './panels.ts'
import { ambient, diffuse, light } from './shade.ts'

const vertexShader = `
in vec3 position;
in vec3 normal;
in vec4 colour;
uniform mat3 rotation;
uniform vec3 centre;
uniform vec2 scale;
uniform float depth;
out vec3 lit;
void main() {
  vec3 place = rotation * (position - centre);
  vec3 facing = rotation * normal;
  lit = colour.rgb * (${ambient.toFixed(6)} + ${diffuse.toFixed(6)} * max(0.0, dot(facing, vec3(${light
    .map((part) => part.toFixed(6))
    .join(', ')}))));
  gl_Position = vec4(place.xy * scale, -place.z * depth, 1.0);
}`

const fragmentShader = `
precision highp float;
in vec3 lit;
out vec4 pixel;
void main() { pixel = vec4(lit, 1.0); }`

export interface CortexRenderer {
  /** @param width, height device pixels, even */
  draw(scene: CortexScene, width: number, height: number): void
  dispose(): void
}

interface Drawn {
  readonly object: ThreeMesh<BufferGeometry, RawShaderMaterial>
  mesh: Mesh | null
  colours: Uint8Array | null
}

/** null where the canvas cannot have WebGL2. */
export function createRenderer(canvas: HTMLCanvasElement): CortexRenderer | null {
  const attributes: WebGLContextAttributes = { alpha: true, antialias: true, depth: true, premultipliedAlpha: true }
  const context: WebGL2RenderingContext | null = canvas.getContext('webgl2', attributes)
  if (!context) return null
  const renderer = new WebGLRenderer({ canvas, context })
  renderer.outputColorSpace = LinearSRGBColorSpace
  renderer.setClearColor(0x000000, 0)
  renderer.autoClear = false
  // One object at a time: there is nothing to put in order, for which three.js would go through all vertices.
  renderer.sortObjects = false
  renderer.setScissorTest(true)
  const camera = new ThreeCamera()
  const scene = new Scene()
  const hemispheres: Record<Hemisphere, Drawn> = { left: emptyHemisphere(), right: emptyHemisphere() }
  scene.add(hemispheres.left.object, hemispheres.right.object)

  return {
    draw({ meshes, colours, view, orbit }, width, height) {
      for (const side of ['left', 'right'] as const) update(hemispheres[side], meshes[side], colours[side])
      // Setting a size clears and reallocates the canvas, even when it is the same.
      if (canvas.width !== width || canvas.height !== height) renderer.setSize(width, height, false)
      renderer.setScissor(0, 0, width, height)
      renderer.clear()
      const panels = layoutPanels(view, width, height)
      const cameras = panelCameras(panels, meshes, orbit)
      panels.forEach((panel, i) => {
        const { rotation, centre, pixelsPerMillimetre } = cameras[i]
        const { object } = hemispheres[panel.hemisphere]
        hemispheres.left.object.visible = panel.hemisphere === 'left'
        hemispheres.right.object.visible = panel.hemisphere === 'right'
        const { uniforms } = object.material
        uniforms['rotation'].value.set(...rotation)
        uniforms['centre'].value.set(...centre)
        uniforms['scale'].value.set((2 * pixelsPerMillimetre) / panel.width, (2 * pixelsPerMillimetre) / panel.height)
        uniforms['depth'].value = 1 / (1.01 * meshes[panel.hemisphere].radius)
        const bottom = height - panel.y - panel.height
        renderer.setViewport(panel.x, bottom, panel.width, panel.height)
        renderer.setScissor(panel.x, bottom, panel.width, panel.height)
        renderer.render(scene, camera)
      })
    },
    dispose() {
      for (const { object } of Object.values(hemispheres)) {
        object.geometry.dispose()
        object.material.dispose()
      }
      renderer.dispose()
      if (!context.isContextLost()) renderer.forceContextLoss()
    },
  }
}

function emptyHemisphere(): Drawn {
  const uniforms = {
    rotation: { value: new Matrix3() },
    centre: { value: new Vector3() },
    scale: { value: new Vector2() },
    depth: { value: 1 },
  }
  const material = new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader,
    fragmentShader,
    uniforms,
    side: DoubleSide,
  })
  const object = new ThreeMesh(new BufferGeometry(), material)
  object.frustumCulled = false
  return { object, mesh: null, colours: null }
}

/** Uploads what has changed since the last draw. */
function update(drawn: Drawn, mesh: Mesh, colours: Uint8Array) {
  if (drawn.mesh !== mesh) {
    drawn.object.geometry.dispose()
    drawn.object.geometry = new BufferGeometry()
      .setAttribute('position', new BufferAttribute(mesh.positions, 3))
      .setAttribute('normal', new BufferAttribute(mesh.normals, 3))
      .setIndex(new BufferAttribute(mesh.triangles, 1))
    drawn.mesh = mesh
    drawn.colours = null
  }
  if (drawn.colours !== colours) {
    drawn.object.geometry.setAttribute('colour', new BufferAttribute(colours, 4, true))
    drawn.colours = colours
  }
}
