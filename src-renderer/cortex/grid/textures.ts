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
import {
  cutElectrodes,
  discCorners,
  discTriangles,
  greyWithDiscs,
  labelsOnMesh,
  perElectrode,
  pointCount,
  spreadOverDiscs,
} from '../discs.ts'
import { platesOf } from '../discPlates.ts'
import { positionsOf, type Form } from '../forms.ts'
import { greyOf } from '../geometry.ts'
import { vertexNormals } from '../normals.ts'
import { none, textureWidth } from './shaders.ts'

const lines = (texels: number) => Math.max(1, Math.ceil(texels / textureWidth))

/** Three numbers a vertex, and a fourth where there is one. */
function spread(values: Float32Array, fourth: Float32Array | null = null): DataTexture {
  const vertices = values.length / 3
  const data = new Float32Array(textureWidth * lines(vertices) * 4)
  for (let v = 0; v < vertices; v++) {
    data[v * 4] = values[v * 3]
    data[v * 4 + 1] = values[v * 3 + 1]
    data[v * 4 + 2] = values[v * 3 + 2]
    if (fourth) data[v * 4 + 3] = fourth[v]
  }
  return ready(new DataTexture(data, textureWidth, lines(vertices), RGBAFormat, FloatType), 'RGBA32F')
}

/** With how far discs are above the surface. */
export function placesTexture(surface: HemisphereSurface, form: Form): DataTexture {
  const { electrodes, sulc } = surface
  const cortical = positionsOf(surface, form)
  if (!electrodes) return spread(cortical)
  const lifts = perElectrode(new Float32Array(sulc.length), platesOf(surface, form).lifts, 1)
  return spread(spreadOverDiscs(cortical, electrodes), lifts)
}

export function normalsTexture(surface: HemisphereSurface, form: Form): DataTexture {
  const cortical = vertexNormals(positionsOf(surface, form), surface.triangles)
  return spread(surface.electrodes ? perElectrode(cortical, platesOf(surface, form).normals, 3) : cortical)
}

/** With those of all electrodes' discs. */
export const triangleCount = ({ triangles, electrodes }: HemisphereSurface) =>
  triangles.length / 3 + discTriangles * (electrodes?.names.length ?? 0)

/** Corners of each triangle; the fourth number is 1 where the flat form has cut it away. */
export function cornersTexture(surface: HemisphereSurface): DataTexture {
  const { triangles, flat, sulc, electrodes } = surface
  const cortical = triangles.length / 3
  const count = triangleCount(surface)
  const data = new Uint32Array(textureWidth * lines(count) * 4)
  const kept = flat && new Set<number>()
  if (flat) for (let t = 0; t < flat.triangles.length; t += 3) kept!.add(keyOf(flat.triangles, t, sulc.length))
  for (let t = 0; t < cortical; t++) {
    data.set(triangles.subarray(t * 3, t * 3 + 3), t * 4)
    data[t * 4 + 3] = kept && !kept.has(keyOf(triangles, t * 3, sulc.length)) ? 1 : 0
  }
  const cut = flat && electrodes ? cutElectrodes(surface) : null
  for (let e = 0; e < (electrodes?.names.length ?? 0); e++) {
    const own = discCorners(sulc.length, electrodes!.names.length, e)
    for (let t = 0; t < discTriangles; t++) {
      const at = (cortical + e * discTriangles + t) * 4
      data.set(own.subarray(3 * t, 3 * t + 3), at)
      data[at + 3] = cut?.[e] ?? 0
    }
  }
  return ready(new DataTexture(data, textureWidth, lines(count), RGBAIntegerFormat, UnsignedIntType), 'RGBA32UI')
}

/** A triangle's corners in any order. */
function keyOf(triangles: Uint32Array, at: number, vertices: number): number {
  const [a, b, c] = triangles.slice(at, at + 3).sort()
  return (a * vertices + b) * vertices + c
}

/** Grey level and region of each vertex. */
export function factsTexture(surface: HemisphereSurface): DataTexture {
  const { sulc, electrodes } = surface
  const grey = electrodes ? greyWithDiscs(greyOf(sulc), electrodes) : greyOf(sulc)
  const count = electrodes?.names.length ?? 0
  const labels = labelsOnMesh(surface.labels, {
    ...{ points: pointCount(surface), electrodes: count, vertices: grey.length },
  })
  const data = new Uint16Array(textureWidth * lines(grey.length) * 2)
  for (let v = 0; v < grey.length; v++) {
    data[v * 2] = grey[v]
    data[v * 2 + 1] = labels[v] ?? 0
  }
  return ready(new DataTexture(data, textureWidth, lines(grey.length), RGIntegerFormat, UnsignedShortType), 'RG16UI')
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
