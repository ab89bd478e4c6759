/** The figures of what is on screen, handed to the host to store. */
import { ref } from 'vue'
import { useHost } from '../bridge/index.ts'
import { corticalFigure, layerFigure } from '../figures/index.ts'
import { everybody, useSelection } from '../stores/selection.ts'
import { useSession } from '../stores/session.ts'
import { useStudy } from '../stores/study.ts'
import { useTheme } from '../stores/theme.ts'

export type FigureKind = 'cortex' | 'layers'
export type FigureFormat = 'svg' | 'png'

const pngScale = 2

export function useExport() {
  const { study, surface, table } = useStudy()
  const { selection, model, map, scale } = useSelection()
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
    const { form, view, orbit } = selection
    const source = model.value
    const regime = source?.regime ? `${source.regime}${source.language ? `, ${source.language}` : ''}; ` : ''
    return corticalFigure({
      ...caption(`${selection.model}, ${selection.layer}`, `${study.value!.name}; ${subjectWords()}`, [
        `Model: ${regime}${source?.source ?? ''}`,
      ]),
      surface: surface.value!,
      map: map.value!,
      form,
      view,
      orbit,
      scale: scale.value!,
      theme: theme.value,
      width: selection.drawing.width,
      height: selection.drawing.height,
      density: pngScale,
    })
  }

  function drawLayers(): string {
    const words = caption('Score by layer', study.value!.name, [
      'Mean Pearson r over vertices, mean of subjects; bars are standard errors over subjects',
    ])
    return layerFigure({ ...words, table: table.value!, theme: theme.value, width: 720, height: 380 })
  }

  const can = (kind: FigureKind) =>
    kind === 'cortex' ? surface.value !== null && map.value !== null : (table.value?.rows.length ?? 0) > 0

  /** @throws Failure with what the host said */
  async function save(kind: FigureKind, format: FigureFormat): Promise<void> {
    if (!can(kind) || study.value === null) return
    busy.value = true
    try {
      const svg = kind === 'cortex' ? drawCortical() : drawLayers()
      const stem = kind === 'cortex' ? `${selection.model}-${selection.layer}-${selection.subject}` : 'layers'
      const name = `${study.value.name}-${stem}`.replace(/[^\p{L}\p{N}._+-]+/gu, '-').slice(0, 150)
      const saved = await useHost().call('saveFigure', { svg, format, scale: pngScale, name: `${name}.${format}` })
      if (saved.bytes) download(saved.bytes, `${name}.${format}`, format)
      if (saved.bytes) said.value = `Downloaded ${name}.${format}`
      else if (saved.path !== null) said.value = `Saved to ${saved.path}`
    } finally {
      busy.value = false
    }
  }
  return { can, save, busy }
}

function download(bytes: Uint8Array, name: string, format: FigureFormat) {
  const type = format === 'svg' ? 'image/svg+xml' : 'image/png'
  const url = URL.createObjectURL(new Blob([bytes.slice()], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
