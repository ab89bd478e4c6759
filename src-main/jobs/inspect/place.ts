import type { InspectedPlace, PlaceFacts } from '../../contract/inspect.ts'
import { HeschlError } from '../../errors.ts'
import type { Snapshot } from '../session.ts'

export interface FoundPlace extends PlaceFacts {
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
  if ('electrode' in place) return electrodeNamed(place.electrode, snapshot)
  const { surface, basis } = snapshot
  if (!surface || (basis && basis.electrodes.size > 0))
    throw new HeschlError('OPTION_INVALID', 'This study has no vertices', {
      expected: basis && basis.electrodes.size > 0 ? 'an electrode' : 'a surface that can be read',
      found: 'region' in place ? `region ${place.region}` : `vertex ${place.vertex}`,
    })
  return 'vertex' in place ? vertexAt(place, surface) : regionNamed(place, surface)
}

type Surface = NonNullable<Snapshot['surface']>

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
    targetsOf: () => Uint32Array.from(found),
  }
}

function electrodeNamed(electrode: string, { basis }: Snapshot): FoundPlace {
  return {
    ...{ place: { electrode }, hemisphere: null, region: '', targets: 1 },
    label: `electrode ${electrode}`,
    targetsOf(subject) {
      const names = basis?.electrodes.get(subject) ?? []
      const at = names.indexOf(electrode)
      if (at >= 0) return Uint32Array.of(at)
      throw new HeschlError('OPTION_INVALID', 'This subject has no such electrode', {
        where: { subject },
        expected: names.length > 0 ? `one of ${names.join(', ')}`.slice(0, 2000) : 'a study of electrodes',
        found: electrode,
      })
    },
  }
}
