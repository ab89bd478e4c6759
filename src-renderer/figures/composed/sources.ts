/** What a page showed, by the content of it, and whether a study still gives the same. */
import type { FigurePage, PageSource } from '../../../src-main/contract/figurePage.ts'
import type { GridMap } from '../../../src-main/contract/maps.ts'
import type { HemisphereSurface, ScoreTable, SurfaceData } from '../../../src-main/contract/study.ts'
import { answerTo, pageNeeds, type Need, type PageData } from './needs.ts'
import { mapName } from './panels.ts'
import { placeText, specName } from './specs.ts'

/** One a need, in the order of the panels. */
export function sourcesOf(page: Pick<FigurePage, 'panels'>, data: PageData): Promise<PageSource[]> {
  return Promise.all(pageNeeds(page).map(async (need) => ({ what: needText(need), key: await keyOf(need, data) })))
}

export function needText(need: Need): string {
  switch (need.kind) {
    case 'surface':
      return 'the surface'
    case 'table':
      return 'the scores of all layers'
    case 'map':
      return `the map of ${mapName(need)}`
    case 'gridMap':
      return `the map of ${specName(need.spec)}${need.correction === 'none' ? '' : `, tested (${need.correction})`}`
    case 'pointScores':
      return `the scores at ${placeText(need.place)}`
    case 'inspection':
      return `the time courses at ${need.points.map(({ place, model, layer }) => `${placeText(place)} of ${mapName({ subject: 'mean', model, layer })}`).join(', ')}`
    case 'stimulus':
      return `the sound of ${need.stimulus}`
    case 'recording':
      return `the recording ${need.run + 1} of ${need.subject}`
    case 'finding':
      return `the figure ${need.figure}${Object.keys(need.options).length > 0 ? ` (${JSON.stringify(need.options)})` : ''}`
  }
}

async function keyOf(need: Need, data: PageData): Promise<string> {
  switch (need.kind) {
    case 'surface':
      return surfaceKey(answerTo(need, data))
    case 'table':
      return tableKey(answerTo(need, data))
    case 'map':
      return answerTo(need, data).key
    case 'gridMap':
      return gridMapKey(answerTo(need, data))
    case 'pointScores': {
      const { rows, ceiling } = answerTo(need, data)
      return hashOf([textBytes(ceiling), ...rows.flatMap((row) => [textBytes([row.model, row.layer]), row.values])])
    }
    case 'inspection':
      return hashOf(answerTo(need, data).flatMap(({ measured, predicted }) => [measured, predicted]))
    case 'stimulus': {
      const { peaks, mel, words } = answerTo(need, data)
      return hashOf([peaks, mel, textBytes(words)])
    }
    case 'recording': {
      const { globalSignal, dvars, tsnr, motion } = answerTo(need, data)
      return hashOf([globalSignal, dvars, tsnr, ...(motion ? [motion.fd] : [])])
    }
    case 'finding':
      return answerTo(need, data).finding.provenance.key
  }
}

/** Large arrays are hashed once an object: a surface stays the same while a study is open. */
const surfaceKeys = new WeakMap<SurfaceData, Promise<string>>()

function surfaceKey(surface: SurfaceData): Promise<string> {
  const known = surfaceKeys.get(surface) ?? hashOf([surface.left, surface.right].flatMap(arraysOf))
  surfaceKeys.set(surface, known)
  return known
}

const arraysOf = ({ folded, inflated, triangles, sulc, electrodes }: HemisphereSurface) => [
  ...[folded, inflated, triangles, sulc],
  ...(electrodes ? [electrodes.corners, electrodes.weights] : []),
]

const textBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

/** Of its values and p values: a difference or a test has more sources than one. */
const gridMapKey = ({ left, right, significance }: GridMap) =>
  hashOf([left, right, ...(significance ? [significance.left, significance.right] : [])])

const tableKey = ({ rows, measure }: ScoreTable) => hashOf([textBytes({ rows, measure })])

/** sha256 of arrays one after the other, as hexadecimal digits. */
async function hashOf(arrays: readonly (Float32Array | Float64Array | Uint32Array | Uint8Array)[]): Promise<string> {
  const whole = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const { buffer, byteOffset, byteLength } of arrays) {
    whole.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  const hash = await crypto.subtle.digest('SHA-256', whole)
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** In words, each source that is not what it was. */
export function sourceChanges(then: readonly PageSource[], now: readonly PageSource[]): readonly string[] {
  const [before, after] = [then, now].map((sources) => new Map(sources.map(({ what, key }) => [what, key])))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
    if (!before.has(what)) return [`${what}: it is shown now`]
    if (!after.has(what)) return [`${what}: it is no longer shown`]
    return before.get(what) === after.get(what) ? [] : [`${what}: computed from other inputs, options or code`]
  })
}
