/** Scores along the training of models that come as a series of checkpoints, and where they stop rising. */
import { zeros64 } from '../../../linalg/matrix.ts'
import type { Matrix64 } from '../../../linalg/matrix.ts'
import { plateau } from '../../../statistics/index.ts'
import type { Plateau } from '../../../statistics/plateau.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import type { FindingSpace, FindingSubject, Scores } from '../input.ts'
import { meansOf } from '../regionScores.ts'
import { rolesOf } from '../roles.ts'
import { between, hostOf } from './analysis.ts'
import type { Analysis } from './analysis.ts'
import { bootstrapOf, meanEstimates } from './estimates.ts'
import type { MeanEstimate } from './estimates.ts'
import type { LayerChoice } from './layers.ts'

export interface TrainingCurve {
  readonly model: string
  readonly axis: 'steps' | 'hours'
  readonly group: string
  readonly region: string
  /** What the model is to the group's listeners: "native"; several, where it differs. */
  readonly role: string
  /** Ascending, with the mean over the subjects who have all of them. */
  readonly points: readonly { readonly at: number; readonly score: MeanEstimate }[]
  readonly plateau: Plateau
  /** Checkpoints at 0, which a logarithmic axis has no place for: they are not part of the fit. */
  readonly leftOut: number
}

/** @throws HeschlError CANCELLED */
export async function trainingCurves(
  scores: Scores,
  layers: LayerChoice,
  analysis: Analysis,
  context: StepContext,
): Promise<readonly TrainingCurve[]> {
  const series = scores.input.spaces.filter(({ axis }) => axis === 'steps' || axis === 'hours')
  const curves: TrainingCurve[] = []
  for (const [i, space] of series.entries()) {
    const part = between(context, i / series.length, (i + 1) / series.length)
    const known = analysis.held.subjects.map((subject) => hasAll(scores, space, layers, subject))
    if (!known.includes(true)) continue
    const byMember = await memberScores(scores, space, layers, analysis, known, part)
    curves.push(...(await curvesOf(scores, space, layers, analysis, byMember, known, part)))
  }
  return curves
}

function hasAll(scores: Scores, space: FindingSpace, { of, needed }: LayerChoice, subject: FindingSubject): boolean {
  if (needed(space).length === 0 || !scores.has(space, needed(space), subject.id)) return false
  return space.members.every(({ id }) => of(space, subject).every((layer) => scores.hasMember(id, layer, subject.id)))
}

/** Of each member [subjects, regions]; rows of subjects who lack one are NaN. */
async function memberScores(
  scores: Scores,
  space: FindingSpace,
  layers: LayerChoice,
  { held: { subjects }, regions }: Analysis,
  known: readonly boolean[],
  context: StepContext,
): Promise<readonly Matrix64[]> {
  const byMember = space.members.map(() => {
    const matrix = zeros64(subjects.length, regions.names.length)
    matrix.data.fill(NaN)
    return matrix
  })
  for (const [row, subject] of subjects.entries()) {
    if (!known[row]) continue
    const own = layers.of(space, subject)
    for (const [m, { id }] of space.members.entries()) {
      const sums = new Float64Array(regions.names.length)
      for (const layer of own) {
        throwIfCancelled(context)
        meansOf(await scores.memberMap(id, layer, subject.id), regions).forEach((mean, r) => (sums[r] += mean))
      }
      byMember[m].data.set(
        sums.map((sum) => sum / own.length),
        row * sums.length,
      )
    }
    context.progress({ fraction: (row + 1) / subjects.length })
  }
  return byMember
}

async function curvesOf(
  scores: Scores,
  space: FindingSpace,
  layers: LayerChoice,
  { groups, held, regions, options, gemm }: Analysis,
  byMember: readonly Matrix64[],
  known: readonly boolean[],
  context: StepContext,
): Promise<readonly TrainingCurve[]> {
  const bootstrap = bootstrapOf(options)
  const steps = space.members.map(({ at }) => at!)
  const fitted = steps.filter((at) => options.training === 'linear' || at > 0)
  const curves: TrainingCurve[] = []
  for (const group of groups) {
    const rows = group.rows.filter((row) => known[row])
    if (rows.length === 0) continue
    const own = byMember.map((matrix) => rowsOf(matrix, rows))
    const means: (readonly MeanEstimate[])[] = []
    for (const matrix of own)
      means.push(await meanEstimates(matrix, bootstrap, hostOf(gemm, { ...context, progress: () => undefined })))
    const roles = new Set(rows.map((row) => roleIn(scores, layers, space, held.subjects[row])))
    for (const [r, region] of regions.names.entries()) {
      throwIfCancelled(context)
      const curve = zeros64(rows.length, fitted.length)
      const first = steps.length - fitted.length
      for (let s = 0; s < rows.length; s++)
        for (let k = 0; k < fitted.length; k++)
          curve.data[s * fitted.length + k] = own[first + k].data[s * regions.names.length + r]
      curves.push({
        ...{ model: space.id, axis: space.axis as 'steps' | 'hours', group: group.name, region },
        role: [...roles].join(' or '),
        points: steps.map((at, m) => ({ at, score: means[m][r] })),
        plateau: plateau(curve, fitted, options.training, bootstrap),
        leftOut: first,
      })
    }
  }
  return curves
}

function roleIn(scores: Scores, layers: LayerChoice, space: FindingSpace, subject: FindingSubject): string {
  for (const [role, spaces] of rolesOf(scores, layers.needed, subject)) if (spaces.includes(space)) return role
  return space.regime
}

function rowsOf({ data, cols }: Matrix64, rows: readonly number[]): Matrix64 {
  const kept = zeros64(rows.length, cols)
  for (const [i, row] of rows.entries()) kept.data.set(data.subarray(row * cols, (row + 1) * cols), i * cols)
  return kept
}
