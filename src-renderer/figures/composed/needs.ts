/** What has to be known of a study before a panel can be drawn. */
import type { FigureName, FindingFigure } from '../../../src-main/contract/findings.ts'
import type { FigurePage, FindingOptions, MapOfPanel, PagePanel } from '../../../src-main/contract/figurePage.ts'
import type {
  InspectedPlace,
  InspectedPoint,
  Inspection,
  PointScores,
  StimulusView,
} from '../../../src-main/contract/inspect.ts'
import type { RecordingQuality } from '../../../src-main/contract/quality.ts'
import type { GridMap, MapCorrection, MapSpec } from '../../../src-main/contract/maps.ts'
import type { ScoreMap, ScoreTable, SurfaceData } from '../../../src-main/contract/study.ts'
import { compareSpecs } from './specs.ts'

export type Need =
  | { readonly kind: 'surface' }
  | { readonly kind: 'table' }
  | ({ readonly kind: 'map' } & MapOfPanel)
  | { readonly kind: 'gridMap'; readonly spec: MapSpec; readonly correction: MapCorrection }
  | { readonly kind: 'pointScores'; readonly place: InspectedPlace }
  | { readonly kind: 'inspection'; readonly points: readonly InspectedPoint[]; readonly window: number }
  | { readonly kind: 'stimulus'; readonly stimulus: string; readonly from: number; readonly to: number }
  | { readonly kind: 'recording'; readonly subject: string; readonly run: number }
  | { readonly kind: 'finding'; readonly figure: FigureName; readonly options: FindingOptions }

/** What a need is answered with. */
export interface Answers {
  readonly surface: SurfaceData
  readonly table: ScoreTable
  readonly map: ScoreMap
  readonly gridMap: GridMap
  readonly pointScores: PointScores
  /** In the order of the points. */
  readonly inspection: readonly Inspection[]
  readonly stimulus: StimulusView
  readonly recording: RecordingQuality
  readonly finding: FindingFigure
}

type AnswerTo<One extends Need> = Answers[One['kind']]

/** The same for needs that are answered alike. */
export const needKey = (need: Need): string => {
  switch (need.kind) {
    case 'map':
      return JSON.stringify([need.kind, need.subject, need.model, need.layer])
    case 'gridMap':
      return JSON.stringify([need.kind, need.spec, need.correction])
    case 'pointScores':
      return JSON.stringify([need.kind, need.place])
    case 'inspection':
      return JSON.stringify([need.kind, need.points, need.window])
    case 'stimulus':
      return JSON.stringify([need.kind, need.stimulus, need.from, need.to])
    case 'recording':
      return JSON.stringify([need.kind, need.subject, need.run])
    case 'finding':
      return JSON.stringify([
        need.kind,
        need.figure,
        Object.entries(need.options).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ])
    default:
      return need.kind
  }
}

/** What panels are drawn from. Plain, so that it can be handed to a thread. */
export interface PageData {
  /** That listeners are simulated or speech is synthetic; null for real data. */
  readonly notice: string | null
  /** By the needs' keys. */
  readonly answers: ReadonlyMap<string, Answers[keyof Answers]>
}

/** @throws TypeError for what was not asked for: a panel draws what `needsOf` names */
export function answerTo<One extends Need>(need: One, { answers }: PageData): AnswerTo<One> {
  const known = answers.get(needKey(need))
  if (known === undefined) throw new TypeError(`${needKey(need)} was not loaded`)
  return known as AnswerTo<One>
}

export const surfaceNeed = { kind: 'surface' } as const
export const tableNeed = { kind: 'table' } as const
export const mapNeed = ({ subject, model, layer }: MapOfPanel) => ({ kind: 'map', subject, model, layer }) as const
export const gridMapNeed = (spec: MapSpec, correction: MapCorrection) =>
  ({ kind: 'gridMap', spec, correction }) as const
export const pointScoresNeed = (place: InspectedPlace) => ({ kind: 'pointScores', place }) as const
export const inspectionNeed = ({ points, window }: Extract<PagePanel, { show: 'course' }>) =>
  ({
    kind: 'inspection',
    window,
    points: points.map(({ subject, model, layer, place }): InspectedPoint => ({ subject, model, layer, place })),
  }) as const
export const stimulusNeed = ({ stimulus, span }: Extract<PagePanel, { show: 'course' }>) =>
  ({ kind: 'stimulus', stimulus, ...span }) as const
export const recordingNeed = ({ subject, run }: { readonly subject: string; readonly run: number }) =>
  ({ kind: 'recording', subject, run }) as const
export const findingNeed = ({ figure, options = {} }: Extract<PagePanel, { show: 'finding' }>) =>
  ({ kind: 'finding', figure, options }) as const

export function needsOf(panel: PagePanel): readonly Need[] {
  switch (panel.show) {
    case 'map':
      return [surfaceNeed, mapNeed(panel.map)]
    case 'grid':
      return [surfaceNeed, ...panel.maps.map(mapNeed)]
    case 'compare':
      return [surfaceNeed, ...compareSpecs(panel).map((spec) => gridMapNeed(spec, panel.correction))]
    case 'layers':
    case 'training':
    case 'regions':
      return [tableNeed]
    case 'point':
      return [pointScoresNeed(panel.place)]
    case 'course':
      return [inspectionNeed(panel), stimulusNeed(panel)]
    case 'quality':
      return [recordingNeed(panel)]
    case 'finding':
      return [findingNeed(panel)]
    case 'text':
      return []
  }
}

/** Of a whole page, each once. */
export function pageNeeds({ panels }: Pick<FigurePage, 'panels'>): readonly Need[] {
  return [...new Map(panels.flatMap(needsOf).map((need) => [needKey(need), need])).values()]
}
