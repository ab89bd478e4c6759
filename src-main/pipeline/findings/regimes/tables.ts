/** The numbers of the analysis as tables. */
import type { FindingTable } from '../../../contract/findings.ts'
import type { ChanceWords } from '../chance.ts'
import type { MapTest } from '../../../statistics/result.ts'
import { untestableReasons } from '../../../statistics/result.ts'
import { countColumn as count, estimateColumns, numberColumn as number, tableOf, textColumn as text } from '../table.ts'
import { rolesIn } from './analysis.ts'
import type { Analysis } from './analysis.ts'
import type { MeanEstimate } from './estimates.ts'
import type { GroupTests } from './groupTests.ts'
import type { LayerChoice } from './layers.ts'
import type { NestedMap } from './nestedMap.ts'

/** A regime's mean in a region, over the subjects of a group. */
export interface RoleMean {
  readonly group: string
  readonly role: string
  readonly region: string
  readonly score: MeanEstimate
  /** Over the same subjects, what is scored by chance; NaN where that is 0. */
  readonly chance: number
}

const regimeTitle = 'training regime, to the listener'
const groupTitle = 'listeners'

export function regionTable(means: readonly RoleMean[], measure: string, { less, short }: ChanceWords): FindingTable {
  return tableOf('regions', 'Score by training regime and region', means, [
    text('group', groupTitle, ({ group }) => group),
    text('regime', regimeTitle, ({ role }) => role),
    text('region', 'region', ({ region }) => region),
    count('n', 'subjects', ({ score }) => score.n),
    ...estimateColumns<RoleMean>('mean', `mean ${measure} over subjects`, ({ score }) => score),
    number('sem', 'standard error over subjects', ({ score }) => score.sem),
    ...(less === '' ? [] : [number<RoleMean>('chance', `mean ${measure} by chance: ${short}`, ({ chance }) => chance)]),
  ])
}

/** With what of the scores is above chance, where that is not the scores themselves. */
export function subjectTable({ held, roles, regions, byRegion, chanceWords }: Analysis, measure: string): FindingTable {
  const rows = roles.flatMap((role) =>
    held.subjects.flatMap(({ id, language }, row) => {
      const [scores, above] = [held.scored, byRegion].map((of) => {
        const { data, cols } = of.get(role)!
        return data.subarray(row * cols, (row + 1) * cols)
      })
      return regions.names.map((region, r) => ({ role, id, language, region, mean: scores[r], above: above[r] }))
    }),
  )
  return tableOf('subjects', 'Score by subject, training regime and region', rows, [
    text('regime', regimeTitle, ({ role }) => role),
    text('subject', 'subject', ({ id }) => id),
    text('language', 'language of the listener', ({ language }) => language),
    text('region', 'region', ({ region }) => region),
    number('mean', `mean ${measure} over vertices`, ({ mean }) => mean),
    ...(chanceWords.less === ''
      ? []
      : [number<(typeof rows)[number]>('above', `mean ${measure} less ${chanceWords.short}`, ({ above }) => above)]),
  ])
}

export function contrastTable(groups: readonly GroupTests[], regions: readonly string[]): FindingTable {
  const rows = groups.flatMap(({ group, contrasts }) =>
    contrasts.flatMap(({ contrast, byRegion: { tested, q, means, effects } }) =>
      regions.map((region, r) => ({
        ...{ group: group.name, contrast, region, mean: means[r], effects: effects[r] },
        ...{ statistic: tested.statistic[r], p: tested.p[r], q: q[r], reason: reasonAt(tested, r) },
      })),
    ),
  )
  return tableOf('contrasts', 'Contrasts by region', rows, [
    text('group', groupTitle, ({ group }) => group),
    text('contrast', 'contrast', ({ contrast }) => contrast.name),
    text('region', 'region', ({ region }) => region),
    count('n', 'subjects', ({ mean }) => mean.n),
    ...estimateColumns<(typeof rows)[number]>('mean_difference', 'mean difference over subjects', ({ mean }) => mean),
    number('sem', 'standard error of the difference', ({ mean }) => mean.sem),
    number('statistic', "the test's statistic", ({ statistic }) => statistic),
    text('alternative', 'which way counts', ({ contrast }) => contrast.alternative),
    number('p', 'p, uncorrected', ({ p }) => p),
    number('q', 'p, corrected', ({ q }) => q),
    ...estimateColumns<(typeof rows)[number]>(
      ...(['rank_biserial', 'matched-pairs rank-biserial correlation'] as const),
      ({ effects }) => effects.rankBiserial,
    ),
    ...estimateColumns<(typeof rows)[number]>(
      'hedges_g',
      "Hedges' g of the difference",
      ({ effects }) => effects.hedgesG,
    ),
    text('untested', 'why there is no test', ({ reason }) => reason),
  ])
}

const reasonAt = ({ reason }: MapTest, region: number) =>
  reason[region] === 0 ? '' : untestableReasons[reason[region] - 1]

export function vertexTable(groups: readonly GroupTests[], level: number): FindingTable {
  const rows = groups.flatMap(({ group, contrasts }) =>
    contrasts.map(({ contrast, n, byVertex: { q, tested } }) => {
      const known = q.filter((value) => !Number.isNaN(value))
      const significant = known.filter((value) => value <= level).length
      return { group: group.name, contrast, n, tested: known.length, vertices: q.length, significant, by: tested }
    }),
  )
  return tableOf('vertices', 'Contrasts by vertex', rows, [
    text('group', groupTitle, ({ group }) => group),
    text('contrast', 'contrast', ({ contrast }) => contrast.name),
    count('n', 'subjects', ({ n }) => n),
    count('tested', 'vertices that were tested', ({ tested }) => tested),
    count('significant', `of these, vertices with a corrected p of at most ${level}`, ({ significant }) => significant),
    number('share', 'their share of the tested', ({ significant, tested }) => significant / tested),
    ...untestableReasons.map((reason) =>
      count<(typeof rows)[number]>(
        `untested_${reason.replaceAll(' ', '_')}`,
        `vertices without a test: ${reason}`,
        ({ by }) => by.untested[reason] ?? 0,
      ),
    ),
  ])
}

export function nestedTable(
  maps: readonly { readonly group: string; readonly map: NestedMap }[],
  regions: readonly string[],
): FindingTable {
  const rows = maps.flatMap(({ group, map: { contrasts, counts } }) =>
    regions.flatMap((region, r) => {
      const all = counts[r].reduce((sum, own) => sum + own, 0)
      return ['none', ...contrasts].map((name, k) => ({ group, region, k, name, vertices: counts[r][k], all }))
    }),
  )
  return tableOf('nested', 'The most specific contrast that holds, given all below it, by vertex', rows, [
    text('group', groupTitle, ({ group }) => group),
    text('region', 'region', ({ region }) => region),
    count('class', 'contrasts of the chain that hold, from chance up', ({ k }) => k),
    text('contrast', 'the most specific of them', ({ name }) => name),
    count('vertices', 'vertices', ({ vertices }) => vertices),
    number('share', "of the region's tested vertices", ({ vertices, all }) => vertices / all),
  ])
}

export function layerTable({ taken }: LayerChoice): FindingTable {
  return tableOf('layers', 'Layer that was taken, chosen by the other subjects', taken, [
    text('model', 'model', ({ model }) => model),
    text('layer', 'layer', ({ layer }) => layer),
    count('subjects', 'subjects for whom it was taken', ({ subjects }) => subjects),
  ])
}

/** Roles with how many subjects of a group have them: "native (n = 12)". */
export function countedRoles(analysis: Analysis, groupIndex: number): string {
  const group = analysis.groups[groupIndex]
  return rolesIn(analysis, group)
    .map((role) => {
      const { data, cols } = analysis.byRegion.get(role)!
      const n = group.rows.filter((row) => data.subarray(row * cols, (row + 1) * cols).some(Number.isFinite)).length
      return `${role} (n = ${n})`
    })
    .join(', ')
}
