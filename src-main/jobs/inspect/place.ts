import type { InspectedPlace, PlaceFacts } from '../../contract/inspect.ts'
import { HeschlError } from '../../errors.ts'
import type { Snapshot } from '../session.ts'

export interface FoundPlace extends PlaceFacts {
  /** Whether the place is a subject's: electrodes are not everybody's. */
  has(subject: string): boolean
  /**
   * Places among a subject's targets, ascending.
   * @throws HeschlError OPTION_INVALID where the subject has no such electrode
   */
  targetsOf(subject: string): Uint32Array
}

/**
 * What a place is of.
 * @throws HeschlError OPTION_INVALID for what the study's surface, regions or electrodes do not have
 */
export function findPlace(place: InspectedPlace, snapshot: Snapshot): FoundPlace {
  if ('electrode' in place) return electrodeNamed(place, snapshot)
  const { surface, electrodes, basis } = snapshot
  const onElectrodes = basis !== null && basis.electrodes.size > 0
  if (!surface || (onElectrodes && 'vertex' in place))
    throw new HeschlError('OPTION_INVALID', 'This study has no vertices', {
      expected: onElectrodes ? 'an electrode, or a region' : 'a surface that can be read',
      found: 'region' in place ? `region ${place.region}` : `vertex ${place.vertex}`,
    })
  if ('vertex' in place) return vertexAt(place, surface)
  return electrodes ? regionOfElectrodes(place, electrodes, basis!) : regionNamed(place, surface)
}

type Surface = NonNullable<Snapshot['surface']>
type Basis = NonNullable<Snapshot['basis']>
type Electrodes = NonNullable<Snapshot['electrodes']>

function vertexAt(place: Extract<InspectedPlace, { vertex: number }>, surface: Surface): FoundPlace {
  const { hemisphere, vertex } = place
  const { labels } = surface[hemisphere]
  if (vertex >= labels.length)
    throw new HeschlError('OPTION_INVALID', 'There is no such vertex', {
      where: { hemisphere },
      expected: `0 to ${(labels.length - 1).toLocaleString('en')}`,
      found: String(vertex),
    })
  const region = labels[vertex] === 0 ? '' : (surface.regions[labels[vertex]]?.name ?? '')
  const target = vertex + (hemisphere === 'left' ? 0 : surface.left.labels.length)
  return {
    ...{ place, hemisphere, region, targets: 1 },
    label: [`${hemisphere} ${vertex}`, region].filter(Boolean).join(', '),
    has: () => true,
    targetsOf: () => Uint32Array.of(target),
  }
}

function regionNamed(place: Extract<InspectedPlace, { region: string }>, surface: Surface): FoundPlace {
  const { region, hemisphere = null } = place
  const label = surface.regions.findIndex(({ name }) => name === region)
  const found: number[] = []
  for (const side of ['left', 'right'] as const) {
    if (hemisphere !== null && hemisphere !== side) continue
    const before = side === 'left' ? 0 : surface.left.labels.length
    for (const [v, own] of surface[side].labels.entries()) if (label >= 0 && own === label) found.push(before + v)
  }
  if (found.length === 0)
    throw new HeschlError('OPTION_INVALID', 'The parcellation has no such region', {
      ...(hemisphere === null ? {} : { where: { hemisphere } }),
      expected: `one of ${surface.regions.map(({ name }) => name).join(', ')}`.slice(0, 2000),
      found: region,
    })
  return {
    ...{ place, hemisphere, region, targets: found.length },
    label: `${region}, ${hemisphere ?? 'both hemispheres'}`,
    has: () => true,
    targetsOf: () => Uint32Array.from(found),
  }
}

/** Electrodes whose nearest vertex is in a region. */
function regionOfElectrodes(
  place: Extract<InspectedPlace, { region: string }>,
  { surface, points }: Electrodes,
  { electrodes }: Basis,
): FoundPlace {
  const { region, hemisphere = null } = place
  const label = surface.regions.findIndex(({ name }) => name === region)
  const border = surface.left.labels.length
  const within = new Set<number>()
  points.forEach((point, i) => {
    if (point < 0) return
    const side = point < border ? 'left' : 'right'
    if (hemisphere !== null && side !== hemisphere) return
    const own = surface[side].labels[side === 'left' ? point : point - border]
    if (label >= 0 && own === label) within.add(i)
  })
  if (within.size === 0)
    throw new HeschlError('OPTION_INVALID', 'No electrode is in this region', {
      ...(hemisphere === null ? {} : { where: { hemisphere } }),
      expected: `a region with electrodes: ${[...regionsWithElectrodes(surface)].join(', ')}`.slice(0, 2000),
      found: region,
    })
  const ownOf = (subject: string) => {
    const start = startOf(subject, electrodes)
    const count = electrodes.get(subject)?.length ?? 0
    return Array.from({ length: count }, (_, i) => i).filter((i) => within.has(start + i))
  }
  return {
    ...{ place, hemisphere, region, targets: within.size },
    label: `${region}, ${hemisphere ?? 'both hemispheres'}`,
    has: (subject) => ownOf(subject).length > 0,
    targetsOf(subject) {
      const own = ownOf(subject)
      if (own.length > 0) return Uint32Array.from(own)
      throw new HeschlError('OPTION_INVALID', 'This subject has no electrode in this region', {
        where: { subject, ...(hemisphere === null ? {} : { hemisphere }) },
        expected: 'a subject with electrodes there',
        found: region,
      })
    },
  }
}

function regionsWithElectrodes({ left, right, regions }: Electrodes['surface']): Set<string> {
  const names = [left, right].flatMap(({ labels, sulc }) => [...labels.subarray(sulc.length)])
  return new Set(names.flatMap((label) => (label === 0 ? [] : [regions[label].name])))
}

/** Where a subject's electrodes begin among those of all. */
function startOf(subject: string, electrodes: Basis['electrodes']): number {
  let start = 0
  for (const [other, names] of electrodes) {
    if (other === subject) break
    start += names.length
  }
  return start
}

function electrodeNamed(
  place: Extract<InspectedPlace, { electrode: string }>,
  { basis, electrodes: placed }: Snapshot,
): FoundPlace {
  const { electrode, subject: whose } = place
  const at = whose === undefined ? -1 : (basis?.electrodes.get(whose)?.indexOf(electrode) ?? -1)
  const point = at < 0 || !placed ? -1 : placed.points[startOf(whose!, basis!.electrodes) + at]
  const border = placed?.surface.left.labels.length ?? 0
  const hemisphere = point < 0 ? null : point < border ? 'left' : 'right'
  const own = hemisphere && placed!.surface[hemisphere].labels[point - (hemisphere === 'left' ? 0 : border)]
  const region = own ? placed!.surface.regions[own].name : ''
  const namesOf = (subject: string) =>
    whose === undefined || whose === subject ? (basis?.electrodes.get(subject) ?? []) : []
  const words = [`electrode ${electrode}${whose === undefined ? '' : ` of ${whose}`}`, hemisphere, region]
  return {
    ...{ place, hemisphere, region, targets: 1, label: words.filter(Boolean).join(', ') },
    has: (subject) => namesOf(subject).includes(electrode),
    targetsOf(subject) {
      const names = namesOf(subject)
      const index = names.indexOf(electrode)
      if (index >= 0) return Uint32Array.of(index)
      throw new HeschlError('OPTION_INVALID', 'This subject has no such electrode', {
        where: { subject },
        expected: names.length > 0 ? `one of ${names.join(', ')}`.slice(0, 2000) : 'a study of electrodes',
        found: electrode,
      })
    },
  }
}
