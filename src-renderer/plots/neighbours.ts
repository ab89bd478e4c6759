/** What the next key leads to: the maps of the layers and the subjects beside those that are shown. */
import type { MapSpec, ScoredPart } from '../../src-main/contract/maps.ts'

export interface Shown {
  readonly specs: readonly MapSpec[]
  readonly layer: string
  readonly subject: string
  /** In the order in which keys and lists lead through them. */
  readonly layers: readonly string[]
  readonly subjects: readonly string[]
}

/** More than this are rows of all layers or subjects, which have nothing beside them. */
const mostMaps = 32
/** Read from the store as they are; the others are tests and searches over all subjects or layers. */
const quick: ReadonlySet<MapSpec['kind']> = new Set(['score', 'difference', 'share'])

/** Lists of maps, those first that are likelier to be next; only of what differs from what is shown. */
export function neighbours({ specs, layer, subject, layers, subjects }: Shown): readonly (readonly MapSpec[])[] {
  if (specs.length > mostMaps || !specs.every(({ kind }) => quick.has(kind))) return []
  const parts = specs.flatMap((spec) => ('less' in spec && spec.less ? [spec.of, spec.less] : [spec.of]))
  const moves = [
    ...beside(layers, layer).map((to) => moved('layer', layer, to)),
    ...beside(subjects, subject).map((to) => moved('subject', subject, to)),
  ]
  return moves.filter((move) => parts.some((part) => move(part) !== part)).map((move) => specs.map(movedSpec(move)))
}

type Move = (part: ScoredPart) => ScoredPart

/** The one after, then the one before. */
function beside(all: readonly string[], one: string): readonly string[] {
  const at = all.indexOf(one)
  return at < 0 ? [] : [all[at + 1], all[at - 1]].filter((other) => other !== undefined)
}

/** A space of sound has its one layer, whatever layer is chosen. */
const moved =
  (what: 'layer' | 'subject', from: string, to: string): Move =>
  (part) =>
    part[what] === from ? { ...part, [what]: to } : part

const movedSpec =
  (move: Move) =>
  (spec: MapSpec): MapSpec =>
    'less' in spec && spec.less ? { ...spec, of: move(spec.of), less: move(spec.less) } : { ...spec, of: move(spec.of) }
