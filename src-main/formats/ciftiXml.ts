/**
 * The XML inside CIFTI-2 (https://www.nitrc.org/projects/cifti): what the rows and columns of its matrix are. Read with a
 * depth and sizes that are bounded; entities are never expanded (saxes knows the five of XML alone).
 */
import { SaxesParser } from 'saxes'
import type { SaxesTagPlain } from 'saxes'
import { HeschlError } from '../errors.ts'
import type { ErrorPlace } from '../errors.ts'
import { integerAttribute, readLabel } from './giftiAttributes.ts'
import type { GiftiLabel } from './giftiAttributes.ts'

/** A structure's part of the grayordinates. */
export interface CiftiModel {
  /** `CORTEX_LEFT`, `THALAMUS_RIGHT`…, as in the file without its prefix. */
  readonly structure: string
  /** The first grayordinate, and how many there are. */
  readonly offset: number
  readonly count: number
  /** Of a surface: its vertices, all of them, and those that have data, in the order of the grayordinates. */
  readonly vertexCount?: number
  readonly vertices?: Int32Array
  /** Of a volume: [count, 3] indices of voxels. */
  readonly voxels?: Int32Array
}

export interface CiftiMap {
  readonly name: string
  readonly labels: readonly GiftiLabel[]
}

/** What lies along the dimension that is not grayordinates. */
export type CiftiAlong =
  | {
      readonly kind: 'series'
      readonly count: number
      readonly start: number
      readonly step: number
      readonly unit: string
    }
  | { readonly kind: 'scalars' | 'labels'; readonly count: number; readonly maps: readonly CiftiMap[] }

/** The volume that voxels are in. */
export interface CiftiVolume {
  readonly shape: readonly number[]
  /** 4 x 4, row-major: voxel (i, j, k, 1) to millimetres. */
  readonly affine: Float64Array
}

export interface CiftiAxes {
  readonly along: CiftiAlong
  readonly models: readonly CiftiModel[]
  readonly volume?: CiftiVolume
}

const mostDepth = 32
/** The finest surface in use has 163,842 vertices a hemisphere. */
const mostVertices = 10_000_000

/** @throws HeschlError FORMAT_INVALID */
export function parseCiftiXml(xml: string, path: string): CiftiAxes {
  const reader = new CiftiReader(path)
  try {
    return reader.read(xml)
  } catch (error) {
    if (error instanceof HeschlError) throw error
    throw reader.invalid('well-formed XML', error instanceof Error ? error.message.slice(0, 200) : String(error))
  }
}

type Attributes = SaxesTagPlain['attributes']

class CiftiReader {
  readonly #sax = new SaxesParser({ xmlns: false, position: true })
  readonly #file: string
  readonly #path: string[] = []
  readonly #maps: CiftiMap[] = []
  readonly #models: CiftiModel[] = []
  readonly #seen = new Set<string>()
  #text = ''
  #kind = ''
  #series: CiftiAlong | undefined
  #along: 'scalars' | 'labels' | undefined
  #name = ''
  #labels: GiftiLabel[] = []
  #label: Omit<GiftiLabel, 'name'> | undefined
  #model: CiftiModel | undefined
  #shape: readonly number[] | undefined
  #exponent = -3
  #volume: CiftiVolume | undefined

  constructor(file: string) {
    this.#file = file
    this.#sax.on('opentag', (tag) => this.#open(tag.name, tag.attributes))
    this.#sax.on('closetag', (tag) => this.#close(tag.name))
    const collect = (text: string) => {
      this.#text += text
    }
    this.#sax.on('text', collect)
    this.#sax.on('cdata', collect)
  }

  read(xml: string): CiftiAxes {
    this.#sax.write(xml).close()
    if (this.#models.length === 0) throw this.invalid('brain models (a dense file)', 'none')
    const along =
      this.#series ?? (this.#along ? { kind: this.#along, count: this.#maps.length, maps: this.#maps } : undefined)
    if (!along) throw this.invalid('a series, scalars or labels along the first dimension', this.#kind || 'nothing')
    return { along, models: this.#models, ...(this.#volume ? { volume: this.#volume } : {}) }
  }

  #open(name: string, attributes: Attributes): void {
    this.#text = ''
    this.#path.push(name)
    if (this.#path.length > mostDepth) throw this.invalid(`${mostDepth} levels at most`, `<${name.slice(0, 40)}>`)
    if (this.#path.length === 1 && (name !== 'CIFTI' || !/^2(\.0*)?$/.test(attributes['Version'] ?? '')))
      throw this.invalid('<CIFTI Version="2">', `<${name.slice(0, 40)} Version="${attributes['Version'] ?? ''}">`)
    if (name === 'MatrixIndicesMap') this.#openMap(attributes)
    else if (name === 'BrainModel') this.#model = this.#modelOf(attributes)
    else if (name === 'Volume') this.#shape = this.#numbers(attributes['VolumeDimensions'] ?? '', /[\s,]+/, 3)
    else if (name === 'TransformationMatrixVoxelIndicesIJKtoXYZ')
      this.#exponent = Number(attributes['MeterExponent'] ?? -3)
    else if (name === 'NamedMap') {
      this.#name = ''
      this.#labels = []
    } else if (name === 'Label') this.#label = readLabel(attributes, this.#where)
  }

  #openMap(attributes: Attributes): void {
    const dimension = attributes['AppliesToMatrixDimension'] ?? ''
    const kind = (attributes['IndicesMapToDataType'] ?? '').replace('CIFTI_INDEX_TYPE_', '')
    if (this.#seen.has(dimension)) throw this.invalid('each dimension once', `${dimension} twice`)
    this.#seen.add(dimension)
    const expected = dimension === '0' ? ['SERIES', 'SCALARS', 'LABELS'] : dimension === '1' ? ['BRAIN_MODELS'] : []
    if (!expected.includes(kind))
      throw this.invalid(
        'a series, scalars or labels (dimension 0) of grayordinates (dimension 1): .dtseries, .dscalar or .dlabel',
        `${kind.slice(0, 40)} in dimension ${dimension.slice(0, 40)}`,
      )
    this.#kind = kind
    if (kind === 'SCALARS' || kind === 'LABELS') this.#along = kind === 'SCALARS' ? 'scalars' : 'labels'
    if (kind !== 'SERIES') return
    const number = (name: string, otherwise: number) => {
      const value = Number(attributes[name] ?? otherwise)
      if (!Number.isFinite(value)) throw this.invalid(`a number as ${name}`, `${attributes[name]?.slice(0, 40)}`)
      return value
    }
    const factor = 10 ** number('SeriesExponent', 0)
    this.#series = {
      kind: 'series',
      count: integerAttribute(attributes, 'NumberOfSeriesPoints', this.#where),
      start: number('SeriesStart', 0) * factor,
      step: number('SeriesStep', 1) * factor,
      unit: attributes['SeriesUnit'] ?? 'SECOND',
    }
  }

  #modelOf(attributes: Attributes): CiftiModel {
    const integer = (name: string) => integerAttribute(attributes, name, this.#where)
    const model = {
      structure: (attributes['BrainStructure'] ?? '').replace('CIFTI_STRUCTURE_', '').slice(0, 100),
      offset: integer('IndexOffset'),
      count: integer('IndexCount'),
    }
    if (attributes['ModelType'] !== 'CIFTI_MODEL_TYPE_SURFACE') return model
    const vertexCount = integer('SurfaceNumberOfVertices')
    if (vertexCount > mostVertices) throw this.invalid(`at most ${mostVertices} vertices`, `${vertexCount}`)
    return { ...model, vertexCount }
  }

  #close(name: string): void {
    const parent = this.#path.at(-2)
    this.#path.pop()
    if (name === 'MapName') this.#name = this.#text.trim()
    else if (name === 'Label' && this.#label) this.#labels.push({ ...this.#label, name: this.#text.trim() })
    else if (name === 'NamedMap') this.#maps.push({ name: this.#name, labels: this.#labels })
    else if (name === 'VertexIndices' && this.#model) this.#closeVertices(this.#model)
    else if (name === 'VoxelIndicesIJK' && this.#model)
      this.#model = { ...this.#model, voxels: Int32Array.from(this.#indices(3 * this.#model.count, 2 ** 31)) }
    else if (name === 'BrainModel' && this.#model) this.#closeModel(this.#model)
    else if (name === 'TransformationMatrixVoxelIndicesIJKtoXYZ' && parent === 'Volume') this.#closeVolume()
    this.#text = ''
  }

  #closeVertices(model: CiftiModel): void {
    const vertices = this.#indices(model.count, model.vertexCount ?? 0)
    if (new Set(vertices).size !== vertices.length) throw this.invalid('each vertex once', 'a vertex twice')
    this.#model = { ...model, vertices: Int32Array.from(vertices) }
  }

  #closeModel(model: CiftiModel): void {
    const last = this.#models.at(-1)
    const next = last ? last.offset + last.count : 0
    if (model.offset !== next) throw this.invalid(`a brain model that begins at ${next}`, `one at ${model.offset}`)
    if (!model.vertices && !model.voxels) throw this.invalid('vertices or voxels of every brain model', 'neither')
    if (this.#models.some(({ structure }) => structure === model.structure))
      throw this.invalid('each structure once', `${model.structure} twice`)
    this.#models.push(model)
    this.#model = undefined
  }

  #closeVolume(): void {
    const scale = 10 ** (this.#exponent + 3)
    const affine = Float64Array.from(this.#numbers(this.#text, /\s+/, 16), (value, i) =>
      i < 12 ? value * scale : value,
    )
    this.#volume = { shape: this.#shape ?? [], affine }
  }

  #indices(count: number, below: number): number[] {
    const numbers = this.#numbers(this.#text, /\s+/, count)
    const bad = numbers.find((value) => !Number.isInteger(value) || value < 0 || value >= below)
    if (bad !== undefined) throw this.invalid(`indices from 0 to ${below - 1}`, `${bad}`)
    return numbers
  }

  #numbers(text: string, between: RegExp, count: number): number[] {
    const parts = text.trim().split(between)
    const numbers = parts[0] === '' ? [] : parts.map(Number)
    if (numbers.length === count && numbers.every(Number.isFinite)) return numbers
    throw this.invalid(`${count} numbers`, numbers.length === count ? 'other text' : `${numbers.length}`)
  }

  get #where(): ErrorPlace {
    return { file: this.#file, line: this.#sax.line }
  }

  invalid(expected: string, found: string): HeschlError {
    return new HeschlError('FORMAT_INVALID', 'The XML of a CIFTI file is not as it should be', {
      where: this.#where,
      expected,
      found,
      remedy: 'Write the file again with Connectome Workbench, or fetch it again',
    })
  }
}
