import { element } from '../../plots/svg.ts'
import { typeSizes, type Box, type Panel } from '../page.ts'

export type Drawable = Pick<Panel, 'heading' | 'draw'>

/** Why a panel cannot be drawn of this study. */
export interface Problem {
  readonly problem: string
}

/** Charts of the window have type of 11 pixels: they are drawn at the size at which that is the page's body type. */
export function scaled(box: Box, draw: (inner: Box) => string): string {
  const share = typeSizes.body / 11
  const inner = { ...box, width: box.width / share, height: box.height / share }
  return element('g', { transform: `scale(${share.toFixed(6)})` }, draw(inner))
}
