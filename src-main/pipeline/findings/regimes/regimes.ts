/** Training regimes compared within listeners (Millet et al. 2022, Fig. 4B to D). */
import type { FindingMap } from '../../../contract/findings.ts'
import type { Gemm } from '../../../linalg/gemm.ts'
import type { Matrix64 } from '../../../linalg/matrix.ts'
import type { FigureOptions } from '../../../study/figures.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import { chanceWords } from '../chance.ts'
import type { Scores } from '../input.ts'
import { regionMeans, regionSet } from '../regionScores.ts'
import type { FindingResult } from '../result.ts'
import { inOrder } from '../roles.ts'
import { between, hostOf, meshOf, rolesIn } from './analysis.ts'
import type { Analysed } from './analysed.ts'
import type { Analysis } from './analysis.ts'
import { counterpart, differencesOf } from './contrasts.ts'
import { bootstrapOf, columnValues, meanEstimates } from './estimates.ts'
import { groupsOf } from './groups.ts'
import { testGroup } from './groupTests.ts'
import type { GroupTests } from './groupTests.ts'
import { chooseLayers } from './layers.ts'
import { regionModels } from './mixed.ts'
import { mixedTable, specialisationTable, trainingTables } from './modelTables.ts'
import { nestedMap } from './nestedMap.ts'
import { notesOf } from './notes.ts'
import { readRoles } from './roleScores.ts'
import { specialisations } from './specialisation.ts'
import { contrastTable, layerTable, nestedTable, regionTable, subjectTable, vertexTable } from './tables.ts'
import type { RoleMean } from './tables.ts'
import { trainingCurves } from './training.ts'
import { captionOf, methodsOf, testTexts } from './words.ts'

/**
 * Scores by regime, region and language of the listeners; nested contrasts by region and vertex with sizes of effects;
 * the map of the most specific contrast that holds; specialisation; mixed models; scores along training.
 * Memory: [subjects, vertices] a regime in float32, twice that in float64 for one contrast; maps are read one by one.
 * @throws HeschlError FILE_MISSING where no subject has scores; OPTION_INVALID; CANCELLED
 */
export async function regimes(
  scores: Scores,
  options: FigureOptions['regimes'],
  context: StepContext,
  gemm: Gemm,
): Promise<FindingResult> {
  const layers = await chooseLayers(scores, options.layer, between(context, 0, options.layer === 'best' ? 0.3 : 0))
  const regions = regionSet(scores)
  const held = await readRoles(scores, layers, regions, between(context, options.layer === 'best' ? 0.3 : 0, 0.4))
  const byRegion = new Map<string, Matrix64>()
  for (const [role, matrix] of held.above) byRegion.set(role, regionMeans(matrix, regions))
  if (held.counterpart) byRegion.set(counterpart, regionMeans(held.counterpart, regions))
  const analysis: Analysis = {
    ...{ options, held, regions, byRegion, gemm },
    chanceWords: chanceWords(scores.input.study),
    roles: inOrder(held.above.keys()),
    groups: groupsOf(held.subjects),
    mesh: options.test === 'tfce' ? meshOf(scores.input.surface) : null,
  }
  const tests: GroupTests[] = []
  for (const [g, group] of analysis.groups.entries()) {
    const [from, to] = [g, g + 1].map((done) => 0.4 + (0.3 * done) / analysis.groups.length)
    tests.push(await testGroup(analysis, group, between(context, from, to)))
  }
  const nested = tests.map(({ group, contrasts }) => {
    const chain = contrasts.filter(({ contrast }) => contrast.alternative === 'greater')
    return { group: group.name, map: nestedMap(chain, options.level, regions) }
  })
  const found: Analysed = {
    ...{ analysis, layers, tests, nested, measure: scores.input.measure.name },
    specialisation: specialisations(analysis, between(context, 0.7, 0.75)),
    models: regionModels(analysis, between(context, 0.75, 0.8)),
    curves: await trainingCurves(scores, layers, analysis, between(context, 0.8, 1)),
  }
  return {
    title: 'Training regimes',
    ...captionOf(found),
    methods: methodsOf(found),
    notes: notesOf(found),
    tests: testTexts(found),
    tables: await tablesOf(found, context),
    maps: mapsOf(found),
  }
}

async function tablesOf(found: Analysed, context: StepContext): Promise<FindingResult['tables']> {
  const { analysis, layers, measure, tests, nested, specialisation, models, curves } = found
  const { names } = analysis.regions
  return [
    regionTable(await roleMeans(analysis, context), measure, analysis.chanceWords),
    contrastTable(tests, names),
    vertexTable(tests, analysis.options.level),
    nestedTable(nested, names),
    ...(specialisation.length > 0 ? [specialisationTable(specialisation)] : []),
    mixedTable(models),
    ...trainingTables(curves),
    ...(layers.taken.length > 0 ? [layerTable(layers)] : []),
    subjectTable(analysis, measure),
  ]
}

async function roleMeans(analysis: Analysis, context: StepContext): Promise<readonly RoleMean[]> {
  const { groups, held, regions, options, byRegion, gemm } = analysis
  const host = hostOf(gemm, { ...context, progress: () => undefined })
  const means: RoleMean[] = []
  for (const group of groups) {
    for (const role of rolesIn(analysis, group)) {
      throwIfCancelled(context)
      const { differences: own } = differencesOf(held.scored.get(role)!, null, group.rows)
      const scores = await meanEstimates(own, bootstrapOf(options), host)
      const { differences: chance } = differencesOf(held.scored.get(role)!, byRegion.get(role)!, group.rows)
      regions.names.forEach((region, r) => {
        const by = columnValues(chance, r)
        const mean = by.reduce((sum, value) => sum + value, 0) / by.length
        means.push({ group: group.name, role, region, score: scores[r], chance: mean })
      })
    }
  }
  return means
}

/** Of every group: the nested map, and of every contrast corrected p and mean difference. */
function mapsOf({ tests, nested }: Analysed): readonly FindingMap[] {
  return tests.flatMap(({ group, contrasts }, g) => {
    const { contrasts: chain, classes } = nested[g].map
    const own = `${group.name}: `
    return [
      ...(chain.length === 0 ? [] : [{ name: `${own}nested`, label: ['none', ...chain].join(' | '), values: classes }]),
      ...contrasts.flatMap(({ contrast, n, byVertex: { q, mean, correction } }) => [
        {
          name: `${own}${contrast.name}: p`,
          label: `p of ${contrast.name}, ${correction}`,
          values: Float32Array.from(q),
        },
        {
          name: `${own}${contrast.name}: difference`,
          label: `mean difference, ${contrast.name}, n = ${n}`,
          values: mean,
        },
      ]),
    ]
  })
}
