/** In place of a map where scores are of voxels. */
import { lineHeight, typeSizes, type Panel } from './page.ts'
import { element, text } from '../plots/svg.ts'

/** @param panel that would have had the map; it keeps its place, and so its letter */
export function noCortex(panel: Omit<Panel, 'draw'>): Panel {
  const lines = ['Scores are of voxels: there is no cortex to show.', 'The maps lie beside this figure, as NIfTI.']
  return {
    ...panel,
    heightMm: 12,
    draw: ({ theme }) =>
      element(
        'g',
        {},
        ...lines.map((line, i) => text(0, (i + 1) * lineHeight, line, { size: typeSizes.body, fill: theme.quiet })),
      ),
  }
}
