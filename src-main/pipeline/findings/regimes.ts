/** Training regimes compared within listeners (Millet et al. 2022, Fig. 4C and D). */
import type { FindingTable } from '../../contract/findings.ts'
import { HeschlError } from '../../errors.ts'
import { zeros32, zeros64 } from '../../linalg/matrix.ts'
import type { Matrix, Matrix32 } from '../../linalg/matrix.ts'
import { summarize } from '../../scoring/index.ts'
import { adjust, corrected, describe, pairedDifferences, wilcoxon } from '../../statistics/index.ts'
import type { MapTest } from '../../statistics/result.ts'
import type { FigureOptions } from '../../study/figures.ts'
import { throwIfCancelled } from '../context.ts'
import type { StepContext } from '../context.ts'
import type { FindingSpace, FindingSubject, Scores } from './input.ts'
import type { FindingResult } from './result.ts'
import { inOrder, rolesOf } from './roles.ts'

/** A regime against the one that it should surpass; null is chance, a score of 0. */
interface Contrast {
  readonly name: string
  readonly higher: string
  readonly lower: string | null
}

const nested: readonly Contrast[] = [
  { name: 'untrained > chance', higher: 'untrained', lower: null },
  { name: 'non-speech > untrained', higher: 'non-speech', lower: 'untrained' },
  { name: 'non-native > non-speech', higher: 'non-native', lower: 'non-speech' },
  { name: 'native > non-native', higher: 'native', lower: 'non-native' },
  { name: 'supervised > native', higher: 'supervised', lower: 'native' },
]

const wilcoxonOptions = { alternative: 'greater', zeros: 'wilcox', method: 'auto', continuity: false } as const

/** [subjects, vertices] of each role; a subject that lacks the role has NaN. */
interface RoleScores {
  readonly subjects: readonly FindingSubject[]
  readonly roles: ReadonlyMap<string, Matrix32>
}

/**
 * Scores by regime and region, and the nested contrasts by region and by vertex: one-sided Wilcoxon signed-rank tests over
 * subjects; false discoveries are controlled over all regions and contrasts, and over the vertices of each contrast.
 * @throws HeschlError FILE_MISSING where no subject has scores; CANCELLED
 */
export async function regimes(
  scores: Scores,
  options: FigureOptions['regimes'],
  context: StepContext,
): Promise<FindingResult> {
  const { subjects, roles } = await roleScores(scores, options, context)
  const names = inOrder(roles.keys())
  const { regions } = scores.input.surface
  const labels = scores.labels
  const byRegion = new Map(names.map((role) => [role, regionMeans(roles.get(role)!, labels, regions.length)]))
  const contrasts = nested.filter(({ higher, lower }) => roles.has(higher) && (lower === null || roles.has(lower)))
  const regional = contrasts.map((contrast) => wilcoxon(differences(contrast, byRegion), wilcoxonOptions))
  const p = adjust(Float64Array.from(regional.flatMap((test) => [...test.p])), 'benjamini-hochberg')
  const maps: MapTest[] = []
  for (const contrast of contrasts) {
    throwIfCancelled(context)
    maps.push(corrected(wilcoxon(differences(contrast, roles), wilcoxonOptions), 'benjamini-hochberg'))
  }
  const inside = regions.map((_, index) => index).filter((index) => index > 0)
  const { name: measure } = scores.input.measure
  const layers = options.layer === 'mean' ? 'the mean over layers' : `layer ${options.layer}`
  const counted = names.map((role) => `${role} (n = ${countOf(roles.get(role)!)})`).join(', ')
  return {
    title: 'Training regimes',
    caption:
      `${measure} of ${layers} by training regime and region, mean over subjects: ${counted}. ` +
      `Contrasts within subjects: ${regional.map(({ test }, i) => `${contrasts[i].name}: ${describe(test)}`).join('; ')}; ` +
      `Benjamini–Hochberg over ${p.reduce((n, value) => n + (Number.isNaN(value) ? 0 : 1), 0)} tests of regions and contrasts.`,
    methods:
      `A model's score at a vertex was ${layers} of its layers' scores. Models trained on speech counted as native to ` +
      `listeners of their language and as non-native to others. Nested contrasts were tested within subjects.`,
    notes: [],
    tests: [...regional, ...maps].map(({ test }) => describe(test)),
    tables: [
      regionTable(
        names,
        byRegion,
        inside,
        regions.map(({ name }) => name),
      ),
      contrastTable(
        contrasts,
        regional,
        p,
        inside,
        regions.map(({ name }) => name),
        byRegion,
      ),
      subjectTable(names, roles, subjects),
    ],
    maps: maps.map((test, i) => ({
      name: `${contrasts[i].name}: p`,
      label: `p of ${contrasts[i].name}, ${test.test.correction}`,
      values: Float32Array.from(test.p),
    })),
  }
}

async function roleScores(
  scores: Scores,
  { layer }: FigureOptions['regimes'],
  context: StepContext,
): Promise<RoleScores> {
  const layersOf = (space: FindingSpace) => {
    const scored = scores.scoredLayers(space)
    return layer === 'mean' ? scored : scored.filter((name) => name === layer)
  }
  const held = scores.input.subjects.map((subject) => ({ subject, roles: rolesOf(scores, layersOf, subject) }))
  const known = held.filter(({ roles }) => roles.size > 0)
  if (known.length === 0)
    throw new HeschlError('FILE_MISSING', 'No model has scores to compare', {
      expected: layer === 'mean' ? 'scores of models' : `scores of the layer "${layer}"`,
      found: 'none',
      remedy: 'Run the study first: heschl run',
    })
  const roles = new Map<string, Matrix32>()
  for (const [row, { subject, roles: own }] of known.entries()) {
    for (const [role, spaces] of own) {
      throwIfCancelled(context)
      const matrix = roles.get(role) ?? zeros32(known.length, scores.vertices)
      if (!roles.has(role)) roles.set(role, { ...matrix, data: matrix.data.fill(NaN) })
      const sum = new Float64Array(scores.vertices)
      for (const space of spaces)
        (await scores.meanOverLayers(space, layersOf(space), subject.id)).forEach((value, v) => (sum[v] += value))
      matrix.data.set(
        sum.map((value) => value / spaces.length),
        row * matrix.cols,
      )
    }
    context.progress({ fraction: (row + 1) / known.length })
  }
  return { subjects: known.map(({ subject }) => subject), roles }
}

/** [subjects, regions]; NaN where a subject lacks the role. */
function regionMeans({ data, rows, cols }: Matrix32, labels: Uint16Array, nRegions: number): Matrix {
  const means = zeros64(rows, nRegions)
  for (let row = 0; row < rows; row++)
    means.data.set(summarize(data.subarray(row * cols, (row + 1) * cols), labels, nRegions).byRegion, row * nRegions)
  return means
}

function differences({ higher, lower }: Contrast, roles: ReadonlyMap<string, Matrix>): Matrix {
  return lower === null ? roles.get(higher)! : pairedDifferences(roles.get(higher)!, roles.get(lower)!)
}

/** Subjects that have any value. */
function countOf({ data, rows, cols }: Matrix): number {
  let count = 0
  for (let row = 0; row < rows; row++) if (data.subarray(row * cols, (row + 1) * cols).some(Number.isFinite)) count++
  return count
}

/** Mean over the subjects that have a value, its standard error, and how many they are. */
function overSubjects({ data, rows, cols }: Matrix, column: number): { mean: number; sem: number; n: number } {
  const values: number[] = []
  for (let row = 0; row < rows; row++) {
    const value = data[row * cols + column]
    if (Number.isFinite(value)) values.push(value)
  }
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, sem: Math.sqrt(variance / values.length), n: values.length }
}

function regionTable(
  roles: readonly string[],
  byRegion: ReadonlyMap<string, Matrix>,
  inside: readonly number[],
  regions: readonly string[],
): FindingTable {
  const rows = roles.flatMap((role) =>
    inside.map((region) => ({ role, region: regions[region], ...overSubjects(byRegion.get(role)!, region) })),
  )
  return {
    name: 'regions',
    title: 'Score by training regime and region',
    columns: [
      { name: 'regime', title: 'training regime, to the listener', values: rows.map(({ role }) => role) },
      { name: 'region', title: 'region', values: rows.map(({ region }) => region) },
      { name: 'mean', title: 'mean over subjects', values: Float64Array.from(rows, ({ mean }) => mean) },
      { name: 'sem', title: 'standard error over subjects', values: Float64Array.from(rows, ({ sem }) => sem) },
      { name: 'n', title: 'subjects', values: Int32Array.from(rows, ({ n }) => n) },
    ],
  }
}

function contrastTable(
  contrasts: readonly Contrast[],
  tests: readonly MapTest[],
  adjusted: Float64Array,
  inside: readonly number[],
  regions: readonly string[],
  byRegion: ReadonlyMap<string, Matrix>,
): FindingTable {
  const rows = contrasts.flatMap((contrast, c) => {
    const difference = differences(contrast, byRegion)
    return inside.map((region) => ({
      contrast: contrast.name,
      region: regions[region],
      ...overSubjects(difference, region),
      w: tests[c].statistic[region],
      p: tests[c].p[region],
      q: adjusted[c * regions.length + region],
    }))
  })
  return {
    name: 'contrasts',
    title: 'Nested contrasts by region',
    columns: [
      { name: 'contrast', title: 'contrast', values: rows.map(({ contrast }) => contrast) },
      { name: 'region', title: 'region', values: rows.map(({ region }) => region) },
      { name: 'mean_difference', title: 'mean difference', values: Float64Array.from(rows, ({ mean }) => mean) },
      { name: 'sem', title: 'standard error of the difference', values: Float64Array.from(rows, ({ sem }) => sem) },
      { name: 'n', title: 'subjects', values: Int32Array.from(rows, ({ n }) => n) },
      { name: 'w', title: 'sum of positive ranks', values: Float64Array.from(rows, ({ w }) => w) },
      { name: 'p', title: 'p, one-sided, uncorrected', values: Float64Array.from(rows, ({ p }) => p) },
      { name: 'q', title: 'p, Benjamini–Hochberg', values: Float64Array.from(rows, ({ q }) => q) },
    ],
  }
}

function subjectTable(
  roles: readonly string[],
  maps: ReadonlyMap<string, Matrix32>,
  subjects: readonly FindingSubject[],
): FindingTable {
  const rows = roles.flatMap((role) =>
    subjects.map(({ id, language }, row) => {
      const { data, cols } = maps.get(role)!
      return { role, id, language, mean: summarize(data.subarray(row * cols, (row + 1) * cols)).mean }
    }),
  )
  return {
    name: 'subjects',
    title: 'Mean score by subject and training regime',
    columns: [
      { name: 'regime', title: 'training regime, to the listener', values: rows.map(({ role }) => role) },
      { name: 'subject', title: 'subject', values: rows.map(({ id }) => id) },
      { name: 'language', title: 'language of the listener', values: rows.map(({ language }) => language) },
      { name: 'mean', title: 'mean over vertices', values: Float64Array.from(rows, ({ mean }) => mean) },
    ],
  }
}
