/** Where electrodes are on a cortex: the nearest point of its folded surface, by the coordinates of their tables. */
import { createHash } from 'node:crypto'
import { setImmediate as pause } from 'node:timers/promises'
import type { HemisphereSurface, PlacedElectrodes, UnplacedCode, UnplacedElectrode } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import { coordinateSystemFile, readCoordinateSystem, readElectrodeTable } from '../formats/electrodes.ts'
import type { CoordinateSystem, Electrode } from '../formats/electrodes.ts'
import { toMni152, toMni305 } from './mniSpaces.ts'
import type { Point } from './mniSpaces.ts'
import { NearestPoints } from './nearestPoint.ts'
import { templateName, templates } from './templates.ts'
import type { CorticalSurface } from './types.ts'

export interface ElectrodeTable {
  readonly electrodes: readonly Electrode[]
  /** null where there is no coordsystem.json; an error where there is one that cannot be read. */
  readonly system: CoordinateSystem | HeschlError | null
}

/** @throws HeschlError as `readElectrodeTable` */
export async function electrodeTable(file: string): Promise<ElectrodeTable> {
  const beside = coordinateSystemFile(file)
  return {
    electrodes: await readElectrodeTable(file),
    system:
      beside === null ? null : await readCoordinateSystem(beside).catch((error: unknown) => HeschlError.from(error)),
  }
}

/** A subject's electrodes that are analysed, in order, among its table's. */
export interface SubjectElectrodes {
  readonly subject: string
  readonly names: readonly string[]
  readonly table: ElectrodeTable
}

export interface ElectrodesOnSurface {
  /** With the electrodes on its hemispheres, and those that are on neither. */
  readonly surface: CorticalSurface
  /**
   * int32 [electrodes of all subjects]: of each its place among the left hemisphere's vertices and electrodes and then the
   * right one's; −1 where it is not drawn.
   */
  readonly points: Int32Array
  /** What a reader of the maps should know, in words. */
  readonly notes: readonly string[]
  /** Of which electrodes are where: another one where any of it is another. */
  readonly key: string
}

/** Millimetres: what lies further from the folded surface is in the depth, or of another space. */
const mostDistance = 10
/** Milliseconds after which others are let in. */
const turn = 12

type Side = 'left' | 'right'

interface Found {
  readonly side: Side
  readonly index: number
}

/** @param spec what names the surface: a template's name tells its space */
export async function placeElectrodes(
  surface: CorticalSurface,
  spec: unknown,
  subjects: readonly SubjectElectrodes[],
): Promise<ElectrodesOnSurface> {
  const nearest = { left: new NearestPoints(surface.left), right: new NearestPoints(surface.right) }
  const drawn = { left: new Hemisphere(surface.left), right: new Hemisphere(surface.right) }
  const unplaced: UnplacedElectrode[] = []
  const found: (Found | null)[] = []
  const notes: string[] = []
  let last = performance.now()
  for (const { subject, names, table } of subjects) {
    const { scale, move, problem, note } = coordinatesOf(table.system, spec, surface)
    if (note) notes.push(`Electrodes of ${subject}: ${note}`)
    const known = new Map(table.electrodes.map((electrode) => [electrode.name, electrode]))
    const lacking: (UnplacedElectrode & { readonly words: string })[] = []
    for (const name of names) {
      if (performance.now() - last > turn) {
        await pause()
        last = performance.now()
      }
      const electrode = known.get(name)
      const lacks = (code: UnplacedCode, words: string) => {
        found.push(null)
        lacking.push({ subject, name, code, words })
      }
      if (!electrode?.place) lacks('NO_COORDINATES', `x, y and z are no numbers (${electrode?.written ?? 'none'})`)
      else if (problem) lacks(problem.code, problem.words)
      else {
        const place = electrode.place.map((value) => value * scale) as [number, number, number]
        const there = move?.(place) ?? place
        const [best, side] = bestOf(nearest.left.at(...there), nearest.right.at(...there))
        if (!best || best.distance > mostDistance)
          lacks('FAR', `further than ${mostDistance} mm from the surface: in the depth, or of another space`)
        else if (electrode.hemisphere !== null && electrode.hemisphere !== side)
          lacks('OTHER_HEMISPHERE', `the table says another hemisphere than the one that is nearest`)
        else found.push({ side, index: drawn[side].add(subject, name, place, best) })
      }
    }
    unplaced.push(...lacking.map(({ words: _, ...electrode }) => electrode))
    notes.push(...lackingWords(subject, names.length, lacking))
  }
  const [left, right] = [drawn.left.hemisphere(), drawn.right.hemisphere()]
  const rightStart = left.labels.length
  return {
    surface: { ...surface, left, right, unplaced },
    points: Int32Array.from(found, (one) =>
      one === null ? -1 : one.index + (one.side === 'left' ? 0 : rightStart) + surface[one.side].sulc.length,
    ),
    notes,
    key: keyOf(left, right, unplaced),
  }
}

function keyOf(left: HemisphereSurface, right: HemisphereSurface, unplaced: readonly UnplacedElectrode[]): string {
  const hash = createHash('sha256')
  for (const { electrodes } of [left, right])
    hash.update(JSON.stringify([electrodes!.names, electrodes!.subjects])).update(electrodes!.places)
  return hash.update(JSON.stringify(unplaced)).digest('hex')
}

type Nearest = ReturnType<NearestPoints['at']>

const bestOf = (left: Nearest, right: Nearest): readonly [Nearest, Side] =>
  (right?.distance ?? Infinity) < (left?.distance ?? Infinity) ? [right, 'right'] : [left, 'left']

/** Electrodes of one hemisphere as they are found. */
class Hemisphere {
  readonly #surface: HemisphereSurface
  readonly #names: string[] = []
  readonly #subjects: string[] = []
  readonly #places: number[] = []
  readonly #corners: number[] = []
  readonly #weights: number[] = []
  readonly #distances: number[] = []
  readonly #labels: number[] = []

  constructor(surface: HemisphereSurface) {
    this.#surface = surface
  }

  /** @returns its place among those of the hemisphere */
  add(subject: string, name: string, place: readonly number[], near: NonNullable<Nearest>): number {
    this.#names.push(name)
    this.#subjects.push(subject)
    this.#places.push(...place)
    this.#corners.push(...near.corners)
    this.#weights.push(...near.weights)
    this.#distances.push(near.distance)
    this.#labels.push(this.#surface.labels[near.vertex] ?? 0)
    return this.#names.length - 1
  }

  hemisphere(): HemisphereSurface {
    const electrodes: PlacedElectrodes = {
      ...{ names: this.#names, subjects: this.#subjects, places: Float32Array.from(this.#places) },
      ...{ corners: Uint32Array.from(this.#corners), weights: Float32Array.from(this.#weights) },
      distances: Float32Array.from(this.#distances),
    }
    const labels = new Uint16Array(this.#surface.labels.length + this.#labels.length)
    labels.set(this.#surface.labels)
    labels.set(this.#labels, this.#surface.labels.length)
    return { ...this.#surface, labels, electrodes }
  }
}

/** How many times a millimetre a unit is. */
const units: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000 }

interface Coordinates {
  readonly scale: number
  /** From the table's space into the surface's; null where they are one. */
  readonly move: ((place: Point) => Point) | null
  /** Why none of the table's electrodes is on the cortex; null where they are. */
  readonly problem: { readonly code: UnplacedCode; readonly words: string } | null
  /** Empty where there is nothing to say. */
  readonly note: string
}

/** In any of its versions. */
const mni152 = /^(mni152|icbm152)/i

/** Whether coordinates are those of the surface, by what their coordsystem.json says. */
export function coordinatesOf(
  system: ElectrodeTable['system'],
  spec: unknown,
  { name, schematic }: Pick<CorticalSurface, 'name' | 'schematic'>,
): Coordinates {
  const none = (code: UnplacedCode, words: string): Coordinates => ({
    ...{ scale: 1, move: null, note: '' },
    problem: { code, words },
  })
  if (system instanceof HeschlError)
    return none('OTHER_SPACE', `what the coordinates are in cannot be read: ${system.message.split('\n')[0]}`)
  const space = system?.system ?? null
  // The schematic cortex is nowhere in a brain: coordinates on it are made for it, and say so.
  if (schematic !== (space?.toLowerCase() === 'schematic'))
    return none(
      'OTHER_SPACE',
      schematic
        ? `the schematic cortex is nowhere in a brain (coordinates are in ${space ?? 'a space that no coordsystem.json names'})`
        : `coordinates are on the schematic cortex, and the surface is ${name}`,
    )
  const scale = units[(system?.units ?? 'mm').toLowerCase()]
  if (scale === undefined) return none('UNKNOWN_UNITS', `coordinates are in ${system?.units}, not in mm, cm or m`)
  if (space === 'Pixels') return none('OTHER_SPACE', 'coordinates are of a picture (Pixels)')
  const sound = (note = '', move: Coordinates['move'] = null): Coordinates => ({ scale, move, problem: null, note })
  const template = typeof spec === 'string' ? templateName(spec) : ''
  if (schematic) return sound()
  if (!templates.has(template))
    return sound(space === null ? `no coordsystem.json: taken as millimetres in the space of ${name}` : '')
  if (space === null) return sound(`no coordsystem.json: taken as millimetres in the space of ${template}`)
  // fsaverage's places are those of MNI305; fs_LR is in MNI152.
  const own = template.startsWith('fsaverage') ? /^(fsaverage|mni305)/i : /^(fs_?lr|mni152nlin6|mni152$)/i
  if (own.test(space)) return sound()
  const moved = template.startsWith('fsaverage')
    ? mni152.test(space) && ({ to: 'MNI305', by: toMni305 } as const)
    : /^(fsaverage|mni305)/i.test(space) && ({ to: 'MNI152', by: toMni152 } as const)
  if (moved)
    return sound(
      `coordinates of ${space} are moved to ${moved.to}, which ${template} is in, by FreeSurfer's linear transform, which leaves some millimetres`,
      moved.by,
    )
  if (/^(fsaverage|mni|icbm|fs_?lr)/i.test(space))
    return sound(`${space} differs from the space of ${template} by some millimetres`)
  return none('OTHER_SPACE', `coordinates are in ${space}, which is not the space of ${template}`)
}

const mostNamed = 12

/** A sentence a reason. */
function lackingWords(
  subject: string,
  all: number,
  lacking: readonly (UnplacedElectrode & { readonly words: string })[],
): readonly string[] {
  return [...Map.groupBy(lacking, ({ code, words }) => `${code} ${words}`).values()].map((own) => {
    const names = own.slice(0, mostNamed).map(({ name }) => name)
    const more = own.length > mostNamed ? ` and ${own.length - mostNamed} more` : ''
    const [{ code, words }] = own
    const which = `${own.length} of ${all} electrodes of ${subject}`
    return `${which} ${own.length === 1 ? 'is' : 'are'} not drawn (${code}): ${words}. Tables have their scores: ${names.join(', ')}${more}`
  })
}
