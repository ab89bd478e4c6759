/** What a point of a cortex is: a vertex, or an electrode. */
import type { Hemisphere, SurfaceData } from '../../src-main/contract/study.ts'
import { electrodeAt } from './discs.ts'
import type { Place } from './picking.ts'

export interface ElectrodeFacts {
  readonly name: string
  readonly subject: string
  /** "G12", or "sub-01:G12" where several subjects have electrodes: as tables have it. */
  readonly title: string
  /** Of its table, millimetres. */
  readonly place: readonly [number, number, number]
  /** Millimetres from the surface. */
  readonly distance: number
  /** The corner of its triangle that is nearest. */
  readonly vertex: number
}

/** Whether what is recorded is of electrodes: of the cortex between them nothing is known then. */
export const hasElectrodes = (surface: SurfaceData | null) => surface?.unplaced !== undefined

/** null for a vertex. */
export function electrodeOf(surface: SurfaceData, { hemisphere, vertex }: Place): ElectrodeFacts | null {
  const own = surface[hemisphere]
  const at = electrodeAt(own, vertex)
  if (at < 0 || !own.electrodes) return null
  const { names, subjects, places, corners, weights, distances } = own.electrodes
  const [a, b, c] = weights.subarray(3 * at, 3 * at + 3)
  const nearest = a >= b && a >= c ? 0 : b >= c ? 1 : 2
  const [name, subject] = [names[at], subjects[at]]
  return {
    ...{ name, subject, title: severalSubjects(surface) ? `${subject}:${name}` : name },
    place: [places[3 * at], places[3 * at + 1], places[3 * at + 2]],
    ...{ distance: distances[at], vertex: corners[3 * at + nearest] },
  }
}

function severalSubjects({ left, right, unplaced = [] }: SurfaceData): boolean {
  const drawn = [left, right].flatMap(({ electrodes }) => electrodes?.subjects ?? [])
  return new Set([...drawn, ...unplaced.map(({ subject }) => subject)]).size > 1
}

/** "STG", or "outside every region". */
export function regionOf(surface: SurfaceData, { hemisphere, vertex }: Place): string {
  const label = surface[hemisphere].labels[vertex] ?? 0
  return label === 0 ? 'outside every region' : (surface.regions[label]?.name ?? `region ${label}`)
}

/** "x −50.1, y −12.0, z 8.0 mm" */
export const coordinatesText = (place: readonly [number, number, number]) =>
  `${(['x', 'y', 'z'] as const).map((axis, i) => `${axis} ${place[i].toFixed(1).replace('-', '−')}`).join(', ')} mm`

/** Where each electrode is, by its name in tables: "left, STG", or why it is not drawn. */
export function electrodeRegions(surface: SurfaceData): ReadonlyMap<string, string> {
  const several = severalSubjects(surface)
  const title = (subject: string, name: string) => (several ? `${subject}:${name}` : name)
  const found = new Map<string, string>()
  for (const hemisphere of ['left', 'right'] as const satisfies readonly Hemisphere[])
    surface[hemisphere].electrodes?.names.forEach((name, i) => {
      const vertex = surface[hemisphere].sulc.length + i
      const words = `${hemisphere}, ${regionOf(surface, { hemisphere, vertex })}`
      found.set(title(surface[hemisphere].electrodes!.subjects[i], name), words)
    })
  for (const { subject, name, code } of surface.unplaced ?? []) found.set(title(subject, name), `not drawn (${code})`)
  return found
}
