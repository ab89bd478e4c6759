/** What each key does while the cortex has the focus. */
import { noOrbit, views, type Orbit, type View } from './camera.ts'
import type { Form } from './forms.ts'

export type CortexAction =
  | { readonly kind: 'region'; readonly by: 1 | -1 }
  | { readonly kind: 'hemisphere' }
  | { readonly kind: 'orbit'; readonly orbit: Orbit }
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'form'; readonly form: Form }
  | { readonly kind: 'pin'; readonly wholeRegion: boolean }
  | { readonly kind: 'clear' }

const turn = Math.PI / 24
const zoomStep = 1.15

/** @returns null for a key that the cortex leaves to the browser */
export function cortexAction(key: string, shift: boolean, orbit: Orbit): CortexAction | null {
  switch (key) {
    case 'ArrowRight':
      return shift ? turnBy(orbit, turn, 0) : { kind: 'region', by: 1 }
    case 'ArrowLeft':
      return shift ? turnBy(orbit, -turn, 0) : { kind: 'region', by: -1 }
    case 'ArrowUp':
      return shift ? turnBy(orbit, 0, -turn) : { kind: 'hemisphere' }
    case 'ArrowDown':
      return shift ? turnBy(orbit, 0, turn) : { kind: 'hemisphere' }
    case '+':
    case '=':
      return zoomBy(orbit, zoomStep)
    case '-':
      return zoomBy(orbit, 1 / zoomStep)
    case '0':
    case 'r':
      return { kind: 'orbit', orbit: noOrbit }
    case 'f':
      return { kind: 'form', form: 'folded' }
    case 'i':
      return { kind: 'form', form: 'inflated' }
    case 's':
      return { kind: 'form', form: 'sphere' }
    case 'l':
      return { kind: 'form', form: 'flat' }
    case 'Enter':
    case 'p':
    case 'P':
      return { kind: 'pin', wholeRegion: shift }
    case 'Escape':
      return { kind: 'clear' }
    default: {
      const view = views[Number(key) - 1]
      return view ? { kind: 'view', view } : null
    }
  }
}

/** Yaw goes round; pitch stops at the poles. */
export function turned(orbit: Orbit, yaw: number, pitch: number): Orbit {
  const limit = Math.PI / 2
  return { ...orbit, yaw: orbit.yaw + yaw, pitch: Math.min(limit, Math.max(-limit, orbit.pitch + pitch)) }
}

export const zoomed = (orbit: Orbit, factor: number): Orbit => ({
  ...orbit,
  zoom: Math.min(8, Math.max(0.5, orbit.zoom * factor)),
})

const turnBy = (orbit: Orbit, yaw: number, pitch: number): CortexAction => ({
  kind: 'orbit',
  orbit: turned(orbit, yaw, pitch),
})
const zoomBy = (orbit: Orbit, factor: number): CortexAction => ({ kind: 'orbit', orbit: zoomed(orbit, factor) })
