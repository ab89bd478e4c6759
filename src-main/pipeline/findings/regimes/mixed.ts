/** A mixed-effects summary of every region: scores by regime, with subjects that differ in level. */
import type { Matrix64 } from '../../../linalg/matrix.ts'
import { contrast, mixedModel } from '../../../statistics/index.ts'
import type { Coefficient, NoModel } from '../../../statistics/mixedModel.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import { rolesIn } from './analysis.ts'
import type { Analysis } from './analysis.ts'
import { nestedContrasts } from './contrasts.ts'
import { confidence } from './estimates.ts'
import type { Group } from './groups.ts'

export interface RegionModel {
  readonly group: string
  readonly region: string
  /** Scores, and subjects that they are of. */
  readonly n: number
  readonly subjects: number
  readonly fitted:
    | {
        readonly testable: true
        /** A row a regime, then one a difference of neighbours in the chain. */
        readonly rows: readonly Coefficient[]
        readonly subjectVariance: number
        readonly residualVariance: number
        readonly logLikelihood: number
        readonly words: string
      }
    | { readonly testable: false; readonly reason: NoModel | 'one regime' }
}

/**
 * Of every group and region: score = regime + subject + error, with a mean a regime as fixed effects and a random
 * intercept a subject, by REML. Differences between regimes are weighted sums of the fixed effects.
 * @throws HeschlError CANCELLED
 */
export function regionModels(analysis: Analysis, context: StepContext): readonly RegionModel[] {
  const { groups, regions } = analysis
  return groups.flatMap((group, g) => {
    const roles = rolesIn(analysis, group)
    return regions.names.map((region, r) => {
      throwIfCancelled(context)
      context.progress({ fraction: (g + r / regions.names.length) / groups.length })
      return { group: group.name, region, ...modelOf(analysis, group, roles, r) }
    })
  })
}

interface Observation {
  readonly role: number
  readonly subject: number
  readonly score: number
}

function modelOf(
  { byRegion }: Analysis,
  { rows }: Group,
  roles: readonly string[],
  region: number,
): Omit<RegionModel, 'group' | 'region'> {
  const at = ({ data, cols }: Matrix64, row: number) => data[row * cols + region]
  const observed: Observation[] = roles.flatMap((name, role) =>
    rows
      .map((subject) => ({ role, subject, score: at(byRegion.get(name)!, subject) }))
      .filter(({ score }) => Number.isFinite(score)),
  )
  // A region may have no score of some regime.
  const present = roles.filter((_, role) => observed.some((one) => one.role === role))
  const size = { n: observed.length, subjects: new Set(observed.map(({ subject }) => subject)).size }
  if (present.length < 2) return { ...size, fitted: { testable: false, reason: 'one regime' } }
  const data = new Float64Array(observed.length * present.length)
  for (const [i, { role }] of observed.entries()) data[i * present.length + present.indexOf(roles[role])] = 1
  const model = mixedModel({
    response: observed.map(({ score }) => score),
    fixed: { data, rows: observed.length, cols: present.length },
    names: present,
    random: [{ name: 'subject', levels: observed.map(({ subject }) => subject) }],
    ...{ method: 'REML', level: confidence },
  })
  if (!model.testable) return { ...size, fitted: model }
  const differences = nestedContrasts(new Set(present)).flatMap(({ higher, lower }) => {
    if (lower === null) return []
    const weights = present.map((role) => (role === higher ? 1 : role === lower ? -1 : 0))
    return [contrast(model, `${higher} - ${lower}`, weights)]
  })
  const { coefficients, variances, residualVariance, logLikelihood, words } = model
  const subjectVariance = variances[0].variance
  return {
    ...size,
    fitted: {
      testable: true,
      ...{ subjectVariance, residualVariance, logLikelihood, words },
      rows: [...coefficients, ...differences],
    },
  }
}
