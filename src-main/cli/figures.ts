/** A study's figures as files, drawn by the code that draws the window's. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScoreRow, ScoreTable, StudyOverview } from '../contract/study.ts'
import type { EngineHandle } from '../jobs/engineHandle.ts'
import { version } from './installation.ts'

const colormap = 'viridis'
/** Pixels of a PNG per CSS pixel. */
const pngScale = 2

const seedsNote = 'Bands are one standard deviation over seeds of random weights'

/**
 * Draws the cortex coloured by each model's or space's best layer, the scores of all layers, and those along a training
 * where there is a series of checkpoints, as SVG and PNG.
 *
 * @returns the files' paths
 */
export async function writeFigures(engine: EngineHandle, study: string, folder: string): Promise<readonly string[]> {
  const figures = await import('../../src-renderer/figures/index.ts')
  const { corticalFigure, layerFigure, automaticLimits, automaticThreshold, noOrbit, trainingText } = figures
  const overview = await engine.call('openStudy', { path: study })
  const table = await engine.call('scoreTable', { study })
  const surface = await engine.call('surface', { study })
  const drawn = new Map<string, string>()
  for (const { model, layer } of surface.voxels ? [] : bestLayers(table)) {
    const map = await engine.call('scoreMap', { study, subject: 'mean', model, layer })
    const title = layer === model ? model : `${model}, ${layer}`
    const facts = overview.models.find(({ id }) => id === model)!
    const words = [trainingText(facts), facts.source].filter(Boolean).join('; ')
    const subtitle = [overview.name, map.part, `mean of ${map.subjects} subjects`].filter(Boolean).join('; ')
    drawn.set(
      `cortex-${model}`,
      corticalFigure({
        ...caption(overview, title, subtitle, [`Model: ${words}`]),
        surface,
        map,
        form: 'inflated',
        view: 'overview',
        orbit: noOrbit,
        scale: {
          colormap,
          limits: automaticLimits(map.percentiles, colormap, 0),
          threshold: automaticThreshold(map.percentiles, colormap),
        },
        theme: 'light',
        width: 960,
        height: 640,
        density: pngScale,
      }),
    )
  }
  const notes = table.rows.some(({ spread }) => spread !== null) ? [seedsNote] : []
  const what = `Mean ${table.measure.name} over vertices, mean of subjects; bars are standard errors over subjects`
  const layers = caption(overview, 'Score by layer', overview.name, [what, ...notes])
  drawn.set('layers', layerFigure({ ...layers, table, theme: 'light', width: 720, height: 380 }))
  for (const axis of ['steps', 'hours'] as const) {
    const layer = trainedLayer(overview, table, axis)
    if (layer === undefined) continue
    const title = `Score of ${layer} along the training`
    drawn.set(
      `training-${axis}`,
      figures.trainingFigure({
        ...caption(overview, title, overview.name, [what, ...notes]),
        ...{ table, axis, layer, scale: 'log', theme: 'light', width: 720, height: 380 },
      }),
    )
  }
  return writeAll(drawn, folder)
}

/** The best layer of the first series on the axis that has scores. */
function trainedLayer(study: StudyOverview, table: ScoreTable, axis: 'steps' | 'hours'): string | undefined {
  const series = study.models.filter((model) => model.axis === axis).map(({ id }) => id)
  return bestLayers(table).find(({ model }) => series.includes(model))?.layer
}

/** The layer with the highest mean r of each model and space, in the table's order. */
function bestLayers({ rows }: ScoreTable): readonly ScoreRow[] {
  const best = new Map<string, ScoreRow>()
  for (const row of rows) {
    const known = best.get(row.model)
    if (known === undefined || row.meanR > known.meanR) best.set(row.model, row)
  }
  return [...best.values()]
}

function caption(study: StudyOverview, title: string, subtitle: string, extra: readonly string[]) {
  const options = study.encoding.map(({ option, value }) => `${option} ${value}`).join('; ')
  const provenance = [`Heschl ${version()}, study ${study.name}`, ...extra, `Encoding: ${options}`]
  return { title, subtitle, notice: study.notice, provenance }
}

async function writeAll(drawn: ReadonlyMap<string, string>, folder: string): Promise<readonly string[]> {
  const { renderPng } = await import('../jobs/host/png.ts')
  await mkdir(folder, { recursive: true })
  const files: string[] = []
  for (const [name, svg] of drawn) {
    for (const [extension, bytes] of [
      ['svg', svg],
      ['png', await renderPng(svg, pngScale)],
    ] as const) {
      const file = join(folder, `${name}.${extension}`)
      await writeFile(file, bytes)
      files.push(file)
    }
  }
  return files
}
