/** What a page showed, by the content of it, and whether a study still gives the same. */
import type { FigurePage, PageSource } from '../../../src-main/contract/figurePage.ts'
import type { HemisphereSurface, ScoreTable, SurfaceData } from '../../../src-main/contract/study.ts'
import { answerTo, pageNeeds, type Need, type PageData } from './needs.ts'
import { mapName } from './panels.ts'

/** One a need, in the order of the panels. */
export function sourcesOf(page: Pick<FigurePage, 'panels'>, data: PageData): Promise<PageSource[]> {
  return Promise.all(pageNeeds(page).map(async (need) => ({ what: nameOf(need), key: await keyOf(need, data) })))
}

function nameOf(need: Need): string {
  switch (need.kind) {
    case 'surface':
      return 'the surface'
    case 'table':
      return 'the scores of all layers'
    case 'map':
      return `the map of ${mapName(need)}`
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

const arraysOf = ({ folded, inflated, triangles, sulc }: HemisphereSurface) => [folded, inflated, triangles, sulc]

const tableKey = ({ rows, measure }: ScoreTable) =>
  hashOf([new TextEncoder().encode(JSON.stringify({ rows, measure }))])

/** sha256 of arrays one after the other, as hexadecimal digits. */
async function hashOf(arrays: readonly (Float32Array | Uint32Array | Uint8Array)[]): Promise<string> {
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
