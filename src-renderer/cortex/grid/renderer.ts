/**
 * A grid of cortices on one canvas with one WebGL2 context. A view of a hemisphere is drawn once and kept until the camera,
 * the morph or its size changes (`geometry`, one draw call); each cell is drawn from it (`map`, one draw call a hemisphere).
 */
import {
  BufferGeometry,
  Camera as ThreeCamera,
  DoubleSide,
  GLSL3,
  LinearSRGBColorSpace,
  Matrix3,
  Mesh as ThreeMesh,
  NearestFilter,
  NoBlending,
  RawShaderMaterial,
  RGIntegerFormat,
  Scene,
  UnsignedIntType,
  Vector2,
  Vector3,
  WebGLRenderer,
  WebGLRenderTarget,
  type DataTexture,
} from 'three'
import type { Hemisphere, HemisphereSurface } from '../../../src-main/contract/study.ts'
import type { Paint } from '../../colormaps/paint.ts'
import { colormapNames, isDiverging } from '../../colormaps/tables.ts'
import type { Camera, Panel } from '../camera.ts'
import { pointCount, type DiscLook } from '../discs.ts'
import { formNames, isCut, type Form, type Morph } from '../forms.ts'
import { borderStrength } from '../raster.ts'
import { geometryFragment, geometryVertex, mapFragment, mapVertex, mostTriangles, none } from './shaders.ts'
import {
  cornersTexture,
  factsTexture,
  MapTextures,
  normalsTexture,
  placesTexture,
  tableTexture,
  triangleCount,
} from './textures.ts'

export interface GridStats {
  /** Of the last frame. */
  calls: number
  /** Sent to the GPU since the last frame: values of maps that are new to it. */
  bytes: number
}

/** Values of both hemispheres, and adjusted p values where there are some. */
export interface GpuMap {
  readonly left: Float32Array
  readonly right: Float32Array
  readonly tested: { readonly left: Float32Array; readonly right: Float32Array } | null
}

interface Side {
  readonly surface: HemisphereSurface
  readonly corners: DataTexture
  readonly facts: DataTexture
  readonly places: Partial<Record<Form, DataTexture>>
  readonly normals: Partial<Record<Form, DataTexture>>
  values: MapTextures
  tested: MapTextures | null
  /** First electrode and the one after the last, by subject. */
  readonly ranges: ReadonlyMap<string, Vector2>
  readonly everybody: Vector2
}

interface DrawnView {
  readonly target: WebGLRenderTarget
  /** What it was drawn from. */
  readonly state: Float64Array
  used: number
}

const firstCapacity = 16

export class GridRenderer {
  readonly stats: GridStats = { calls: 0, bytes: 0 }
  readonly #renderer: WebGLRenderer
  readonly #camera = new ThreeCamera()
  readonly #geometry = pass(geometryVertex, geometryFragment, {
    ...unset('corners', 'fromPlaces', 'toPlaces', 'fromNormals', 'toNormals', 'facts'),
    ...{ t: { value: 0 }, cut: { value: false }, depth: { value: 1 } },
    ...{ rotation: { value: new Matrix3() }, centre: { value: new Vector3() }, scale: { value: new Vector2() } },
    ...{ cortical: { value: 0 }, points: { value: 0 }, radius: { value: 0 }, shown: { value: nobody } },
  })
  readonly #map = pass(mapVertex, mapFragment, {
    ...unset('found', 'corners', 'values', 'tested'),
    ...{ table: { value: tableTexture() }, origin: { value: new Vector2() }, samples: { value: 1 } },
    ...{ slot: { value: -1 }, testedSlot: { value: -1 }, colormap: { value: 0 }, limits: { value: new Vector2() } },
    ...{ threshold: { value: none }, diverging: { value: false }, level: { value: -1 }, fade: { value: false } },
    ...{ outlines: { value: 0 }, cortical: { value: 0 }, points: { value: 0 } },
  })
  readonly #sides: Record<Hemisphere, Side>
  readonly #views = new Map<string, DrawnView>()
  readonly #slots = new Map<string, { slot: number; tested: boolean; used: number }>()
  #frame = 0
  #samples = 1
  #density = 1

  /** @throws where the canvas cannot have WebGL2, or the surface has too many triangles for it */
  constructor(canvas: HTMLCanvasElement, surfaces: Readonly<Record<Hemisphere, HemisphereSurface>>) {
    for (const surface of [surfaces.left, surfaces.right])
      if (triangleCount(surface) > mostTriangles) throw new RangeError('Too many triangles for this way of drawing')
    const attributes: WebGLContextAttributes = { alpha: true, antialias: false, depth: false, premultipliedAlpha: true }
    const context: WebGL2RenderingContext | null = canvas.getContext('webgl2', attributes)
    if (!context) throw new Error('WebGL2 is not available')
    this.#renderer = new WebGLRenderer({ canvas, context })
    this.#renderer.outputColorSpace = LinearSRGBColorSpace
    this.#renderer.setClearColor(0x000000, 0)
    this.#renderer.autoClear = false
    // One object at a time: there is nothing to put in order.
    this.#renderer.sortObjects = false
    this.#renderer.info.autoReset = false
    this.#sides = { left: sideOf(surfaces.left), right: sideOf(surfaces.right) }
  }

  /**
   * Begins a frame.
   * @param width, height of the canvas, CSS pixels
   * @param density device pixels a CSS pixel
   * @param samples along each axis of a device pixel
   */
  begin(cssWidth: number, cssHeight: number, density: number, samples: number): void {
    this.#frame++
    this.#samples = samples
    this.#density = density
    const [width, height] = [Math.round(cssWidth * density), Math.round(cssHeight * density)]
    this.#renderer.info.reset()
    const { width: before, height: beforeHeight } = this.#renderer.domElement
    if (before !== width || beforeHeight !== height) this.#renderer.setSize(width, height, false)
    this.#renderer.setRenderTarget(null)
    this.#renderer.setScissorTest(false)
    this.#renderer.setViewport(0, 0, width, height)
    this.#renderer.clear()
    this.#renderer.setScissorTest(true)
  }

  /** Makes room for the maps of a frame, before any of them is put. */
  reserve(maps: number): void {
    const { capacity } = this.#sides.left.values
    if (maps <= capacity) return
    for (const side of Object.values(this.#sides)) {
      side.values.dispose()
      side.tested?.dispose()
      side.values = new MapTextures(pointCount(side.surface), Math.max(maps, 2 * capacity))
      side.tested = null
    }
    this.#slots.clear()
  }

  /**
   * Puts a map where cells find it; what is there already is not sent again.
   * @param key names the map and its tests
   */
  put(key: string, map: GpuMap): void {
    const known = this.#slots.get(key)
    if (known) {
      known.used = this.#frame
      return
    }
    const slot = this.#freeSlot()
    for (const hemisphere of ['left', 'right'] as const) {
      const side = this.#sides[hemisphere]
      this.stats.bytes += side.values.put(slot, map[hemisphere])
      if (!map.tested) continue
      side.tested ??= new MapTextures(pointCount(side.surface), side.values.capacity)
      // −1 stands for what was not tested.
      this.stats.bytes += side.tested.put(
        slot,
        map.tested[hemisphere].map((p) => (Number.isNaN(p) ? -1 : p)),
      )
    }
    this.#slots.set(key, { slot, tested: map.tested !== null, used: this.#frame })
  }

  /**
   * Draws one panel of a cell. What it is given is the same from frame to frame: nothing is made for a frame.
   * @param view names the view: panels of one name and frame share what they show
   * @param panel CSS pixels from the canvas's top left; may reach beyond the canvas
   * @param down CSS pixels that it is further down
   * @param key of a map that was put; null for the cortex alone
   * @param discs how electrodes are shown, where there are some
   */
  draw(
    view: string,
    panel: Panel,
    down: number,
    camera: Camera,
    morph: Morph,
    key: string | null,
    paint: Paint,
    outlines: boolean,
    discs: DiscLook,
  ) {
    const side = this.#sides[panel.hemisphere]
    const density = this.#density
    const width = Math.round(panel.width * density)
    const height = Math.round(panel.height * density)
    const target = this.#view(view, panel, camera, morph, width, height, discs)
    const renderer = this.#renderer
    const canvas = renderer.domElement
    const x = Math.round(panel.x * density)
    const bottom = canvas.height - Math.round((panel.y + down) * density) - height
    renderer.setRenderTarget(null)
    renderer.setViewport(x, bottom, width, height)
    renderer.setScissor(Math.max(0, x), Math.max(0, bottom), width + Math.min(0, x), height + Math.min(0, bottom))
    const { uniforms } = this.#map.material
    const slot = key === null ? undefined : this.#slots.get(key)
    const { limits, threshold, colormap } = paint.scale
    uniforms['found'].value = target.texture
    uniforms['corners'].value = side.corners
    uniforms['values'].value = side.values.texture
    uniforms['tested'].value = (side.tested ?? side.values).texture
    ;(uniforms['origin'].value as Vector2).set(x, bottom)
    uniforms['samples'].value = this.#samples
    uniforms['slot'].value = slot?.slot ?? -1
    uniforms['testedSlot'].value = slot?.tested ? slot.slot : -1
    uniforms['colormap'].value = colormapNames.indexOf(colormap)
    ;(uniforms['limits'].value as Vector2).set(limits.low, limits.high)
    uniforms['threshold'].value = threshold ?? none
    uniforms['diverging'].value = isDiverging(colormap)
    uniforms['level'].value = paint.level ?? -1
    uniforms['fade'].value = paint.fade
    uniforms['outlines'].value = outlines ? borderStrength : 0
    uniforms['cortical'].value = side.surface.sulc.length
    uniforms['points'].value = pointCount(side.surface)
    renderer.render(this.#map.scene, this.#camera)
  }

  /** Ends a frame: what no cell has shown for a while gives its memory back. */
  end(): void {
    this.stats.calls = this.#renderer.info.render.calls
    this.#sent(this.#sides.left)
    this.#sent(this.#sides.right)
    for (const [name, { target, used }] of this.#views)
      if (used < this.#frame - 2) {
        target.dispose()
        this.#views.delete(name)
      }
  }

  #sent({ values, tested }: Side): void {
    values.sent()
    tested?.sent()
  }

  dispose(): void {
    for (const { target } of this.#views.values()) target.dispose()
    for (const side of Object.values(this.#sides)) {
      for (const texture of [side.corners, side.facts, ...Object.values(side.places), ...Object.values(side.normals)])
        texture.dispose()
      side.values.dispose()
      side.tested?.dispose()
    }
    ;(this.#map.material.uniforms['table'].value as DataTexture).dispose()
    this.#geometry.material.dispose()
    this.#map.material.dispose()
    this.#renderer.dispose()
    if (!this.#renderer.getContext().isContextLost()) this.#renderer.forceContextLoss()
  }

  #view(
    name: string,
    panel: Panel,
    camera: Camera,
    morph: Morph,
    width: number,
    height: number,
    { diameter, subject }: DiscLook,
  ): WebGLRenderTarget {
    const samples = this.#samples
    const side = this.#sides[panel.hemisphere]
    const shown = subject === null ? side.everybody : (side.ranges.get(subject) ?? nobody)
    const state = stateOf(width, height, samples, morph, camera)
    state[19] = diameter
    state[20] = shown.x
    state[21] = shown.y
    let view = this.#views.get(name)
    if (!view) {
      view = { target: targetOf(), state: new Float64Array(state.length).fill(NaN), used: 0 }
      this.#views.set(name, view)
    }
    view.used = this.#frame
    const drawn = view.state
    if (isSame(state, drawn)) return view.target
    drawn.set(state)
    const { target } = view
    target.setSize(width * samples, height * samples)
    const { uniforms } = this.#geometry.material
    uniforms['corners'].value = side.corners
    uniforms['facts'].value = side.facts
    for (const [which, form] of [
      ['from', morph.from],
      ['to', morph.to],
    ] as const) {
      uniforms[`${which}Places`].value = side.places[form] ??= placesTexture(side.surface, form)
      uniforms[`${which}Normals`].value = side.normals[form] ??= normalsTexture(side.surface, form)
    }
    uniforms['t'].value = morph.t
    uniforms['cut'].value = isCut(morph)
    uniforms['cortical'].value = side.surface.sulc.length
    uniforms['points'].value = pointCount(side.surface)
    uniforms['radius'].value = diameter / 2
    uniforms['shown'].value = shown
    ;(uniforms['rotation'].value as Matrix3).set(...camera.rotation)
    ;(uniforms['centre'].value as Vector3).set(...camera.centre)
    // The same of a panel in CSS pixels as of one in device pixels.
    const scale = 2 * camera.pixelsPerMillimetre
    ;(uniforms['scale'].value as Vector2).set(scale / panel.width, scale / panel.height)
    uniforms['depth'].value = 1 / 400
    this.#geometry.object.geometry.setDrawRange(0, 3 * triangleCount(side.surface))
    this.#renderer.setRenderTarget(target)
    this.#renderer.clear()
    this.#renderer.render(this.#geometry.scene, this.#camera)
    return target
  }

  /** One that no cell has shown for longest. */
  #freeSlot(): number {
    const { capacity } = this.#sides.left.values
    if (this.#slots.size < capacity) return this.#slots.size
    const [oldest, entry] = [...this.#slots].reduce((a, b) => (b[1].used < a[1].used ? b : a))
    if (entry.used < this.#frame) {
      this.#slots.delete(oldest)
      return entry.slot
    }
    throw new RangeError(`There is room for ${capacity} maps: reserve more`)
  }
}

/** Written anew at every panel: comparing views makes no garbage. */
const scratch = new Float64Array(22)

function stateOf(width: number, height: number, samples: number, { from, to, t }: Morph, camera: Camera): Float64Array {
  scratch[0] = width
  scratch[1] = height
  scratch[2] = samples
  scratch[3] = formNames.indexOf(from)
  scratch[4] = formNames.indexOf(to)
  scratch[5] = t
  scratch[6] = camera.pixelsPerMillimetre
  for (let i = 0; i < 3; i++) scratch[7 + i] = camera.centre[i]
  for (let i = 0; i < 9; i++) scratch[10 + i] = camera.rotation[i]
  return scratch
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

type Uniforms = Record<string, { value: unknown }>

const unset = (...names: string[]): Uniforms => Object.fromEntries(names.map((name) => [name, { value: null }]))

function pass(vertexShader: string, fragmentShader: string, uniforms: Uniforms) {
  const geometry = new BufferGeometry()
  geometry.setDrawRange(0, 3)
  const material = new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader,
    fragmentShader,
    uniforms,
    side: DoubleSide,
  })
  material.blending = NoBlending
  const object = new ThreeMesh(geometry, material)
  object.frustumCulled = false
  const scene = new Scene()
  scene.add(object)
  return { material, object, scene }
}

/** A range of no electrodes. */
const nobody = new Vector2(0, 0)

/** Electrodes lie subject by subject. */
function rangesOf({ electrodes }: HemisphereSurface): Side['ranges'] {
  const ranges = new Map<string, Vector2>()
  electrodes?.subjects.forEach((subject, e) => {
    const known = ranges.get(subject)
    if (known) known.y = e + 1
    else ranges.set(subject, new Vector2(e, e + 1))
  })
  return ranges
}

const sideOf = (surface: HemisphereSurface): Side => ({
  ...{ ranges: rangesOf(surface), everybody: new Vector2(0, surface.electrodes?.names.length ?? 0) },
  ...{ surface, corners: cornersTexture(surface), facts: factsTexture(surface), places: {}, normals: {} },
  ...{ values: new MapTextures(pointCount(surface), firstCapacity), tested: null },
})

const targetOf = () =>
  new WebGLRenderTarget(1, 1, {
    ...{ format: RGIntegerFormat, type: UnsignedIntType, internalFormat: 'RG32UI' },
    ...{ minFilter: NearestFilter, magFilter: NearestFilter, depthBuffer: true },
  })
