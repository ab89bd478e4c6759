/** Arrays over vertices and triangles as textures, `textureWidth` texels a line. */
import {
  DataArrayTexture,
  DataTexture,
  FloatType,
  NearestFilter,
  RedFormat,
  RGBAFormat,
  RGBAIntegerFormat,
  RGIntegerFormat,
  UnsignedByteType,
  UnsignedIntType,
  UnsignedShortType,
} from 'three'
import type { HemisphereSurface } from '../../../src-main/contract/study.ts'
import { colormapNames, colourTable } from '../../colormaps/tables.ts'
import { positionsOf, type Form } from '../forms.ts'
import { greyOf, vertexNormals } from '../geometry.ts'
import { none, textureWidth } from './shaders.ts'

const lines = (texels: number) => Math.max(1, Math.ceil(texels / textureWidth))

/** Three numbers a vertex, the fourth left at 0. */
function spread(values: Float32Array): DataTexture {
  const vertices = values.length / 3
  const data = new Float32Array(textureWidth * lines(vertices) * 4)
  for (let v = 0; v < vertices; v++) {
    data[v * 4] = values[v * 3]
    data[v * 4 + 1] = values[v * 3 + 1]
    data[v * 4 + 2] = values[v * 3 + 2]
  }
  return ready(new DataTexture(data, textureWidth, lines(vertices), RGBAFormat, FloatType), 'RGBA32F')
}

export const placesTexture = (surface: HemisphereSurface, form: Form) => spread(positionsOf(surface, form))

export const normalsTexture = (surface: HemisphereSurface, form: Form) =>
  spread(vertexNormals(positionsOf(surface, form), surface.triangles))

/** Corners of each triangle; the fourth number is 1 where the flat form has cut it away. */
export function cornersTexture({ triangles, flat, sulc }: HemisphereSurface): DataTexture {
  const count = triangles.length / 3
  const data = new Uint32Array(textureWidth * lines(count) * 4)
  const kept = flat && new Set<number>()
  if (flat) for (let t = 0; t < flat.triangles.length; t += 3) kept!.add(keyOf(flat.triangles, t, sulc.length))
  for (let t = 0; t < count; t++) {
    data.set(triangles.subarray(t * 3, t * 3 + 3), t * 4)
    data[t * 4 + 3] = kept && !kept.has(keyOf(triangles, t * 3, sulc.length)) ? 1 : 0
  }
  return ready(new DataTexture(data, textureWidth, lines(count), RGBAIntegerFormat, UnsignedIntType), 'RGBA32UI')
}

/** A triangle's corners in any order. */
function keyOf(triangles: Uint32Array, at: number, vertices: number): number {
  const [a, b, c] = triangles.slice(at, at + 3).sort()
  return (a * vertices + b) * vertices + c
}

/** Grey level and region of each vertex. */
export function factsTexture({ sulc, labels }: HemisphereSurface): DataTexture {
  const grey = greyOf(sulc)
  const data = new Uint16Array(textureWidth * lines(sulc.length) * 2)
  for (let v = 0; v < sulc.length; v++) {
    data[v * 2] = grey[v]
    data[v * 2 + 1] = labels[v] ?? 0
  }
  return ready(new DataTexture(data, textureWidth, lines(sulc.length), RGIntegerFormat, UnsignedShortType), 'RG16UI')
}

/** A line a colour map, in the order of their names. */
export function tableTexture(): DataTexture {
  const data = new Uint8Array(256 * colormapNames.length * 4)
  colormapNames.forEach((name, line) => {
    const table = colourTable(name)
    for (let i = 0; i < 256; i++) data.set(table.subarray(i * 3, i * 3 + 3), (line * 256 + i) * 4)
  })
  return ready(new DataTexture(data, 256, colormapNames.length, RGBAFormat, UnsignedByteType), 'RGBA8')
}

/** Maps in layers, each put in place of what its layer had. */
export class MapTextures {
  readonly texture: DataArrayTexture
  readonly capacity: number
  readonly #layer: number
  readonly #vertices: number
  #whole = false

  constructor(vertices: number, capacity: number) {
    const rows = lines(vertices)
    this.#vertices = vertices
    this.#layer = textureWidth * rows
    this.capacity = capacity
    const data = new Float32Array(this.#layer * capacity).fill(none)
    this.texture = ready(new DataArrayTexture(data, textureWidth, rows, capacity), 'R32F')
    this.texture.format = RedFormat
    this.texture.type = FloatType
  }

  /** @returns bytes that the next frame sends */
  put(layer: number, values: Float32Array): number {
    const data = this.texture.image.data as Float32Array
    const start = layer * this.#layer
    const count = Math.min(values.length, this.#vertices)
    for (let v = 0; v < count; v++) data[start + v] = Number.isNaN(values[v]) ? none : values[v]
    data.fill(none, start + count, start + this.#layer)
    // The first upload makes the texture and is of all layers; later ones are of those that changed.
    if (this.#whole) this.texture.addLayerUpdate(layer)
    this.texture.needsUpdate = true
    return this.#layer * 4
  }

  /** After a frame has sent it. */
  sent() {
    this.#whole = true
  }

  dispose() {
    this.texture.dispose()
  }
}

type InternalFormat = NonNullable<DataTexture['internalFormat']>

function ready<Kind extends DataTexture | DataArrayTexture>(texture: Kind, format: InternalFormat): Kind {
  texture.internalFormat = format
  texture.minFilter = NearestFilter
  texture.magFilter = NearestFilter
  texture.generateMipmaps = false
  texture.unpackAlignment = 4
  texture.needsUpdate = true
  return texture
}
