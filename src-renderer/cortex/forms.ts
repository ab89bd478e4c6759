/**
 * The forms of a hemisphere, and what lies between two of them. All have the same vertices; the sphere and the flat patch
 * are brought to the size of a brain and to where the inflated form is, so that a morph stays in its panel.
 */
import type { Hemisphere, HemisphereSurface } from '../../src-main/contract/study.ts'

export const formNames = ['folded', 'inflated', 'sphere', 'flat'] as const
export type Form = (typeof formNames)[number]

/** `t` of the way from one form to another: 0 is `from` itself. */
export interface Morph {
  readonly from: Form
  readonly to: Form
  readonly t: number
}

/** In the order of the slider; those that both hemispheres have. */
export const formsOf = (surfaces: Readonly<Record<Hemisphere, HemisphereSurface>>): readonly Form[] =>
  formNames.filter((form) => surfaces.left[form] !== undefined && surfaces.right[form] !== undefined)

/** @param at place on the slider, a whole number at every form. @param forms at least one */
export function morphAt(at: number, forms: readonly Form[]): Morph {
  const place = Math.min(forms.length - 1, Math.max(0, at))
  const below = Math.min(Math.floor(place), Math.max(0, forms.length - 2))
  const from = forms[below] ?? 'folded'
  return { from, to: forms[below + 1] ?? from, t: place - below }
}

/** Where a form is on the slider; 0 for one that is not there. */
export const placeOf = (form: Form, forms: readonly Form[]) => Math.max(0, forms.indexOf(form))

const isForm = ({ t }: Morph) => t === 0 || t === 1

/** "inflated", or "62 % from inflated to sphere". */
export function morphText(form: Form | Morph): string {
  if (typeof form === 'string') return form
  return isForm(form) ? nearestForm(form) : `${Math.round(form.t * 100)} % from ${form.from} to ${form.to}`
}

/** The nearer of the two. */
export const nearestForm = ({ from, to, t }: Morph): Form => (t < 0.5 ? from : to)

const derived = new WeakMap<HemisphereSurface, Partial<Record<Form, Float32Array>>>()

/**
 * float32 [vertices, 3], millimetres, RAS.
 * @throws RangeError for a form that the surface does not have
 */
export function positionsOf(surface: HemisphereSurface, form: Form): Float32Array {
  if (form === 'folded' || form === 'inflated') return surface[form]
  const known = derived.get(surface) ?? {}
  const made = known[form] ?? (form === 'sphere' ? roundForm(surface) : flatForm(surface))
  derived.set(surface, { ...known, [form]: made })
  return made
}

/** Triangles that are drawn at a morph: those that were cut away are not, on the way to the flat form. */
export function trianglesOf(surface: HemisphereSurface, morph: Morph): Uint32Array {
  return (isCut(morph) ? surface.flat?.triangles : undefined) ?? surface.triangles
}

/** Whether parts are cut away. */
export const isCut = ({ from, to, t }: Morph) => (from === 'flat' && t < 1) || (to === 'flat' && t > 0)

/** float32 [vertices, 3]: a part of the way along a straight line, vertex by vertex. */
export function mixedPositions(surface: HemisphereSurface, { from, to, t }: Morph): Float32Array {
  const start = positionsOf(surface, from)
  if (t === 0) return start
  const end = positionsOf(surface, to)
  if (t === 1) return end
  return start.map((value, i) => value + t * (end[i] - value))
}

function roundForm(surface: HemisphereSurface): Float32Array {
  const { sphere } = surface
  if (!sphere) throw new RangeError('This surface has no sphere')
  const { centre, size } = boxOf(surface.inflated)
  const radius = Math.hypot(sphere[0], sphere[1], sphere[2]) || 1
  const scale = Math.cbrt(size[0] * size[1] * size[2]) / 2 / radius
  return sphere.map((value, i) => centre[i % 3] + value * scale)
}

/** Upright in the sagittal plane, so that the lateral view has it as the file has. */
function flatForm(surface: HemisphereSurface): Float32Array {
  const { flat, inflated } = surface
  if (!flat) throw new RangeError('This surface has no flat form')
  const { centre } = boxOf(inflated)
  const left = centre[0] < 0
  const positions = new Float32Array(inflated.length)
  for (let v = 0; v < positions.length / 3; v++) {
    positions[v * 3] = centre[0]
    positions[v * 3 + 1] = centre[1] + (left ? -1 : 1) * flat.points[v * 2]
    positions[v * 3 + 2] = centre[2] + flat.points[v * 2 + 1]
  }
  // What was cut away lies in the middle, and does not reach beyond the patch.
  const kept = new Uint8Array(positions.length / 3)
  for (const v of flat.triangles) kept[v] = 1
  for (let v = 0; v < kept.length; v++) if (kept[v] === 0) positions.set(centre, v * 3)
  return positions
}

function boxOf(positions: Float32Array) {
  const low = [Infinity, Infinity, Infinity]
  const high = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < positions.length; i++) {
    const axis = i % 3
    if (positions[i] < low[axis]) low[axis] = positions[i]
    if (positions[i] > high[axis]) high[axis] = positions[i]
  }
  const of = (value: (axis: number) => number): [number, number, number] => [value(0), value(1), value(2)]
  return { centre: of((axis) => (low[axis] + high[axis]) / 2), size: of((axis) => high[axis] - low[axis]) }
}
