import type { Table } from '../../formats/tsv.ts'
import { defaultTruth } from '../../pipeline/simulation/defaultTruth.ts'
import { regimeFor, resolveTruth } from '../../pipeline/simulation/resolveTruth.ts'
import { generatingHrfs, parseTruth } from '../../pipeline/simulation/truthTable.ts'
import type { GeneratingHrf, TruthRow } from '../../pipeline/simulation/truthTable.ts'
import { resolveEncoding } from '../../study/encoding.ts'
import type { ResolvedEncoding } from '../../study/encoding.ts'
import { axisOf, membersOf } from '../../study/members.ts'
import type { PlanBasis } from '../keyedPlan.ts'
import type { Snapshot } from '../session.ts'

/**
 * What is to be planted in the listeners of a study: the table, or the hierarchy of `defaultTruth`.
 * @throws HeschlError FORMAT_INVALID, OPTION_INVALID
 */
export function plannedTruth(
  basis: PlanBasis,
  { study, surface }: Snapshot,
  truth: { readonly file: string; readonly table: Table } | undefined,
): readonly TruthRow[] {
  const regions = surface!.regions.slice(1).map(({ name }) => name)
  const languages = [...new Set(study.subjects.map(({ language = '' }) => language))]
  const { models } = study
  const regimes = new Set(languages.flatMap((language) => models.map((model) => regimeFor(model, language))))
  const given = truth ? parseTruth(truth.table, truth.file) : defaultTruth(regions, [...regimes])
  return resolveTruth(given, truth?.file ?? 'the default table', {
    ...{ regions, languages, models },
    memberOf: (id) => {
      const model = models.find((each) => each.id === id)
      const members = model ? membersOf(model) : [{ id }]
      // Of seeds the first, of a series the last: what its training led to.
      const member = (model && axisOf(model) === 'seed' ? members[0] : members.at(-1)!).id
      const layers = basis.layers.get(member)
      return layers && { id: member, layers }
    },
    hrf: generatingHrf(resolveEncoding(study.encoding).hrf),
  })
}

/** What the analysis assumes, or where that is no shape (delays in TRs) Glover's. */
function generatingHrf(hrf: ResolvedEncoding['hrf']): GeneratingHrf {
  const shape = typeof hrf === 'string' ? hrf.replace(/-.*/, '') : 'glover'
  return generatingHrfs.find((name) => name === shape) ?? 'glover'
}
