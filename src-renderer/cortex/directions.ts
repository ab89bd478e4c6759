/** Which way is anterior, superior, left: the letters at the edges of a panel. */
import type { Panel, Rotation } from './camera.ts'

export interface DirectionLabel {
  readonly letter: string
  readonly x: number
  readonly y: number
}

/** World axes are right, anterior, superior. */
const letters = [
  ['R', 'L'],
  ['A', 'P'],
  ['S', 'I'],
] as const
/** A direction that is further from the screen's axis than this has no letter there. */
const straight = Math.cos(Math.PI / 6)
const inset = 9

/** Lower panels have no room above and below the brain. */
const leastHeight = 180

/**
 * At most four: at the right, the left, the top and the bottom of the panel. From above and below the hemispheres lie beside
 * each other, so that where they meet there is no letter.
 */
export function directionLabels(rotation: Rotation, panel: Panel): readonly DirectionLabel[] {
  const [cx, cy] = [panel.x + panel.width / 2, panel.y + panel.height / 2]
  return [0, 1].flatMap((row) => {
    const axis = rotation.slice(row * 3, row * 3 + 3)
    const most = axis.reduce((best, part, i) => (Math.abs(part) > Math.abs(axis[best]) ? i : best), 0)
    if (Math.abs(axis[most]) < straight || (row === 1 && panel.height < leastHeight)) return []
    const [positive, negative] = axis[most] > 0 ? letters[most] : [letters[most][1], letters[most][0]]
    if (row === 0) {
      const across = [
        { letter: positive, x: panel.x + panel.width - inset, y: cy },
        { letter: negative, x: panel.x + inset, y: cy },
      ]
      const outer = panel.hemisphere === 'left' ? 'L' : 'R'
      const beside = panel.aspect === 'dorsal' || panel.aspect === 'ventral'
      return beside && most === 0 ? across.filter(({ letter }) => letter === outer) : across
    }
    return [
      { letter: positive, x: cx, y: panel.y + inset },
      { letter: negative, x: cx, y: panel.y + panel.height - inset },
    ]
  })
}
