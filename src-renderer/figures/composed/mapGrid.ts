/** Maps on the cortex in rows, views in columns, all in one scale. */
import type { ScoreMap } from '../../../src-main/contract/study.ts'
import { beyondLimits, paintVertices } from '../../colormaps/scale.ts'
import type { Aspect } from '../../cortex/camera.ts'
import type { DiscLook } from '../../cortex/discs.ts'
import { colourBar, colourBarHeight } from '../../plots/colourBar.ts'
import { element, shorten, text } from '../../plots/svg.ts'
import { cortexPicture, type BrainMap } from '../brain.ts'
import { lineHeight, mm, placed, typeSizes, type Box } from '../page.ts'

export interface MapGrid extends Pick<BrainMap, 'surface' | 'form' | 'scale' | 'dpi'> {
  readonly maps: readonly {
    readonly name: string
    readonly map: Pick<ScoreMap, 'left' | 'right' | 'label'>
    readonly discs: DiscLook
  }[]
  readonly views: readonly Aspect[]
}

const gap = 2 * mm
const size = typeSizes.body

/** @throws RangeError as `cortexPicture` */
export function mapGrid({ maps, views, surface, form, scale, dpi }: MapGrid, box: Box): string {
  const { width, height, theme } = box
  const bar = colourBarHeight(size)
  const barWidth = Math.min(width * 0.6, 70 * mm)
  const names = 1.5 * lineHeight
  const each = {
    width: (width - names - gap * (views.length - 1)) / views.length,
    height: (height - bar - mm - gap * (maps.length - 1)) / maps.length,
  }
  const rows = maps.map(({ name, map, discs }, row) => {
    const y = row * (each.height + gap)
    return [
      text(0.8 * lineHeight, y + each.height / 2, shorten(name, each.height, size), {
        ...{ size, fill: theme.ink, anchor: 'middle', rotate: -90 },
      }),
      ...views.map((view, column) =>
        placed(
          names + column * (each.width + gap),
          y,
          cortexPicture({ surface, values: map, form, view, discs, dpi }, { ...each, theme }, (own, underlay) =>
            paintVertices(own, underlay, scale),
          ),
        ),
      ),
    ].join('')
  })
  return element(
    'g',
    {},
    ...rows,
    colourBar({
      ...{ scale, size, theme, label: labelOf(maps), width: barWidth },
      ...{ x: names + (width - names - barWidth) / 2, y: height - bar },
      beyond: beyondLimits(
        maps.flatMap(({ map }) => [map.left, map.right]),
        scale,
      ),
    }),
  )
}

/** Maps of one measure have one label, up to the number of subjects. */
function labelOf(maps: MapGrid['maps']): string {
  const labels = [...new Set(maps.map(({ map }) => map.label))]
  return labels.length === 1 ? labels[0] : `${labels[0]} …`
}
