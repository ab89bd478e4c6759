/** The figures of what is on screen, handed to the host to store. */
import { ref } from 'vue'
import { useHost } from '../bridge/index.ts'
import { downloadFile } from './download.ts'
import { corticalFigure, layerFigure, trainingFigure } from '../figures/index.ts'
import { trainingText } from '../plots/models.ts'
import { hasTraining } from '../plots/trainingChart.ts'
import { usePins } from '../stores/pins.ts'
import { everybody, useSelection } from '../stores/selection.ts'
import { useSession } from '../stores/session.ts'
import { useStudy } from '../stores/study.ts'
import { useTheme } from '../stores/theme.ts'

export type FigureKind = 'cortex' | 'layers' | 'training'
export type FigureFormat = 'svg' | 'png'

const pngScale = 2
const seedsNote = 'Bands are one standard deviation over seeds of random weights'

export function useExport() {
  const { study, surface, table } = useStudy()
  const { selection, model, name, map, morph, scale, discs } = useSelection()
  const { pins } = usePins()
  const { info, said } = useSession()
  const { theme } = useTheme()
  const busy = ref(false)

  function caption(title: string, subtitle: string, extra: readonly string[]) {
    const open = study.value!
    const options = open.encoding.map(({ option, value }) => `${option} ${value}`).join('; ')
    return {
      title,
      subtitle,
      notice: open.notice,
      provenance: [
        `Heschl ${info.value?.version ?? ''}, study ${open.name}`,
        ...extra,
        ...(options === '' ? [] : [`Encoding: ${options}`]),
      ],
    }
  }

  function subjectWords() {
    if (selection.subject !== everybody) return selection.subject
    const count = map.value?.subjects ?? 0
    return count === 1 ? 'mean of 1 subject' : `mean of ${count} subjects`
  }

  function drawCortical(): string {
    const { view, orbit } = selection
    const source = model.value
    const training = source ? trainingText(source) : ''
    const weights = source?.members.find(({ id }) => id === selection.model)?.source ?? source?.source
    return corticalFigure({
      ...caption(
        `${name.value}, ${selection.layer}`,
        [study.value!.name, map.value!.part, subjectWords()].filter(Boolean).join('; '),
        [`Model: ${[training, weights].filter(Boolean).join('; ')}`],
      ),
      surface: surface.value!,
      map: map.value!,
      form: morph.value,
      view,
      orbit,
      discs: discs.value,
      outlines: selection.outlines,
      marks: {
        ...{ directions: true, names: selection.outlines },
        pins: pins.value.map(({ hemisphere, vertex, colour }, i) => ({ hemisphere, vertex, number: i + 1, colour })),
      },
      scale: scale.value!,
      theme: theme.value,
      width: selection.drawing.width,
      height: selection.drawing.height,
      density: pngScale,
    })
  }

  function drawLayers(): string {
    const words = caption('Score by layer', study.value!.name, [
      `Mean ${table.value!.measure.name} over vertices, mean of subjects; bars are standard errors over subjects`,
      ...(table.value!.rows.some(({ spread }) => spread !== null) ? [seedsNote] : []),
    ])
    return layerFigure({ ...words, table: table.value!, theme: theme.value, width: 720, height: 380 })
  }

  /** The axis of the model looked at, or of any series that has the layer. */
  function trainingAxis(): 'steps' | 'hours' | undefined {
    const own = model.value?.axis
    const axes = [...(own === 'steps' || own === 'hours' ? [own] : []), 'steps', 'hours'] as const
    return table.value ? axes.find((axis) => hasTraining(table.value!, axis, selection.layer)) : undefined
  }

  function drawTraining(): string {
    const words = caption(`Score of ${selection.layer} along the training`, study.value!.name, [
      `Mean ${table.value!.measure.name} over vertices, mean of subjects; bars are standard errors over subjects`,
      ...(table.value!.rows.some(({ spread }) => spread !== null) ? [seedsNote] : []),
    ])
    const { layer, trainingScale } = selection
    const shape = { axis: trainingAxis()!, layer, scale: trainingScale, width: 720, height: 380 }
    return trainingFigure({ ...words, ...shape, table: table.value!, theme: theme.value })
  }

  function can(kind: FigureKind): boolean {
    if (kind === 'cortex') return surface.value !== null && !surface.value.voxels && map.value !== null
    return kind === 'training' ? trainingAxis() !== undefined : (table.value?.rows.length ?? 0) > 0
  }

  /** @throws Failure with what the host said */
  async function save(kind: FigureKind, format: FigureFormat): Promise<void> {
    if (!can(kind) || study.value === null) return
    busy.value = true
    try {
      const svg = { cortex: drawCortical, layers: drawLayers, training: drawTraining }[kind]()
      const stem = {
        cortex: `${selection.model}-${selection.layer}-${selection.subject}`,
        layers: 'layers',
        training: `training-${selection.layer}`,
      }[kind]
      const name = `${study.value.name}-${stem}`.replace(/[^\p{L}\p{N}._+-]+/gu, '-').slice(0, 150)
      const saved = await useHost().call('saveFigure', { svg, format, scale: pngScale, name: `${name}.${format}` })
      if (saved.bytes) downloadFile(saved.bytes, `${name}.${format}`, format)
      if (saved.bytes) said.value = `Downloaded ${name}.${format}`
      else if (saved.path !== null) said.value = `Saved to ${saved.path}`
    } finally {
      busy.value = false
    }
  }
  return { can, save, busy }
}
