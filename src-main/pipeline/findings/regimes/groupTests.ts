/** A group's contrasts: tests by region and by vertex, sizes of effects, and the nested map. */
import type { Matrix64 } from '../../../linalg/matrix.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import { between, hostOf, regionSides, rolesIn, vertexSides } from './analysis.ts'
import type { Analysis } from './analysis.ts'
import { differencesOf, nestedContrasts, supervisedContrast } from './contrasts.ts'
import type { Contrast } from './contrasts.ts'
import { bootstrapOf, columnValues, effectSizes, meanEstimates } from './estimates.ts'
import type { EffectSizes, MeanEstimate } from './estimates.ts'
import type { Group } from './groups.ts'
import { correctFamily, testDifferences } from './testing.ts'
import type { Tested } from './testing.ts'

export interface ContrastTest {
  readonly contrast: Contrast
  /** Subjects who have both scores. */
  readonly n: number
  readonly byRegion: {
    readonly tested: Tested
    /** [regions]: corrected with the group's other contrasts; NaN where not tested. */
    readonly q: Float64Array
    readonly means: readonly MeanEstimate[]
    readonly effects: readonly EffectSizes[]
  }
  readonly byVertex: {
    readonly tested: Tested
    /** [vertices]: corrected over the vertices of this contrast. */
    readonly q: Float64Array
    readonly correction: string
    /** [vertices]: mean difference over the subjects; NaN where one lacks it. */
    readonly mean: Float32Array
  }
}

export interface GroupTests {
  readonly group: Group
  readonly contrasts: readonly ContrastTest[]
  /** Of the regional tests. */
  readonly correction: string
}

/** @throws HeschlError CANCELLED */
export async function testGroup(analysis: Analysis, group: Group, context: StepContext): Promise<GroupTests> {
  const { options, held } = analysis
  const own = new Set(rolesIn(analysis, group))
  const all = [
    ...nestedContrasts(own),
    ...(own.has('supervised') && held.counterpart !== null ? [supervisedContrast] : []),
  ]
  const regional: Tested[] = []
  const estimated: Pick<ContrastTest['byRegion'], 'means' | 'effects'>[] = []
  const byVertex: ContrastTest['byVertex'][] = []
  const counts: number[] = []
  for (const [i, contrast] of all.entries()) {
    const part = between(context, i / all.length, (i + 1) / all.length)
    const { higher, lower } = regionSides(analysis, contrast)
    const { differences, kept } = differencesOf(higher, lower, group.rows)
    counts.push(kept.length)
    const quiet = hostOf(analysis.gemm, { ...part, progress: () => undefined })
    regional.push(await testDifferences(differences, contrast.alternative, options, null, quiet))
    estimated.push(await estimates(analysis, differences, between(part, 0, 0.3)))
    byVertex.push(await vertexTest(analysis, contrast, kept, between(part, 0.3, 1)))
  }
  const { q, words } = correctFamily(regional, options)
  return {
    group,
    correction: words,
    contrasts: all.map((contrast, i) => ({
      ...{ contrast, n: counts[i], byVertex: byVertex[i] },
      byRegion: { tested: regional[i], q: q[i], ...estimated[i] },
    })),
  }
}

async function estimates({ options, gemm }: Analysis, differences: Matrix64, context: StepContext) {
  const bootstrap = bootstrapOf(options)
  const means = await meanEstimates(differences, bootstrap, hostOf(gemm, { ...context, progress: () => undefined }))
  const effects: EffectSizes[] = []
  for (let region = 0; region < differences.cols; region++) {
    throwIfCancelled(context)
    effects.push(effectSizes(columnValues(differences, region), bootstrap))
    context.progress({ fraction: (region + 1) / differences.cols })
  }
  return { means, effects }
}

async function vertexTest(
  analysis: Analysis,
  contrast: Contrast,
  rows: readonly number[],
  context: StepContext,
): Promise<ContrastTest['byVertex']> {
  const { options, mesh, gemm } = analysis
  throwIfCancelled(context)
  const { higher, lower } = vertexSides(analysis, contrast)
  const { differences } = differencesOf(higher, lower, rows)
  const tested = await testDifferences(differences, contrast.alternative, options, mesh, hostOf(gemm, context))
  const { q, words } = correctFamily([tested], options)
  return { tested, q: q[0], correction: words, mean: columnMeans(differences) }
}

function columnMeans({ data, rows, cols }: Matrix64): Float32Array {
  const sums = new Float64Array(cols)
  for (let row = 0; row < rows; row++) for (let v = 0; v < cols; v++) sums[v] += data[row * cols + v]
  return Float32Array.from(sums, (sum) => sum / rows)
}
