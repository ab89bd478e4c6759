/** From stored scores to what a figure shows. */
import type { FigureName } from '../../contract/findings.ts'
import { HeschlError } from '../../errors.ts'
import type { Gemm } from '../../linalg/gemm.ts'
import type { FigureOptions } from '../../study/figures.ts'
import type { StepContext, StepResult } from '../context.ts'
import { behaviour } from './behaviour.ts'
import { hierarchy } from './hierarchy.ts'
import { Scores } from './input.ts'
import type { FindingInput } from './input.ts'
import { regimes } from './regimes/regimes.ts'
import type { FindingResult } from './result.ts'
import { ofVoxels } from './voxelWords.ts'
import { scoresFinding } from './scores/scores.ts'

export interface FindingTask {
  readonly kind: 'finding'
  readonly figure: FigureName
  readonly input: FindingInput
  readonly options: FigureOptions
}

/** What the engine is told of it. */
export interface FindingReport {
  readonly result: FindingResult
  /** The stored steps that were read. */
  readonly used: ReturnType<Scores['used']>
}

type Analysis = (scores: Scores, options: FigureOptions, context: StepContext, gemm: Gemm) => Promise<FindingResult>

/** Raised whenever an analysis would give other numbers from the same scores. */
export const findingVersions: Readonly<Record<FigureName, number>> = {
  scores: 1,
  hierarchy: 1,
  regimes: 2,
  behaviour: 1,
}

const analyses: Readonly<Record<FigureName, Analysis>> = {
  scores: (scores, options, context) => scoresFinding(scores, options.scores, context),
  hierarchy: (scores, options, context) => hierarchy(scores, options.hierarchy, context),
  regimes: (scores, options, context, gemm) => regimes(scores, options.regimes, context, gemm),
  behaviour: (scores, options, context) => behaviour(scores, options.behaviour, context),
}

/** @throws HeschlError as the figure's analysis; CANCELLED */
export async function computeFinding(
  { figure, input, options }: FindingTask,
  context: StepContext,
  gemm: Gemm,
): Promise<StepResult> {
  if (!context.read) throw new HeschlError('INTERNAL', 'A finding was asked for where nothing is stored')
  const scores = new Scores(input, context.read)
  const found = await analyses[figure](scores, options, context, gemm)
  const result = input.surface.voxels ? ofVoxels(found) : found
  const report: FindingReport = { result, used: scores.used() }
  return { arrays: [], provenance: { ...report } }
}
