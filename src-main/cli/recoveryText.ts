/** What was planted in simulated listeners, and what the analysis found, for a terminal. */
import type { PlantedRecovery } from '../contract/study.ts'
import { counted, formatPercent, formatTable } from './format.ts'

const rounded = (value: number, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : '–')

/** One group of listeners. */
export function recoveryText(planted: PlantedRecovery): string {
  const { model, language, subjects, spearman } = planted
  const whom = `${counted(subjects, 'simulated listener')}${language === '' ? '' : ` (${language})`}`
  return [
    `Planted in ${whom} with ${model}, and what the analysis recovered\n${layersText(planted)}`,
    `Spearman's rho of planted and recovered layer over responsive vertices: ${rounded(spearman)}`,
    signalText(planted),
    foundText(planted),
    ...orderText(planted),
    ...responseText(planted),
  ].join('\n')
}

function layersText({ regions }: PlantedRecovery): string {
  const rows = regions.map((region) => [
    region.name,
    region.plantedLayer,
    region.recoveredLayer,
    String(region.plantedIndex),
    rounded(region.recoveredCentre, 1),
  ])
  return formatTable(
    [
      { title: 'Region', align: 'left' },
      { title: 'Planted', align: 'left' },
      { title: 'Recovered', align: 'left' },
      { title: 'Planted index', align: 'right' },
      { title: 'Recovered centre', align: 'right' },
    ],
    rows,
  )
}

function signalText({ signal: { all, planted } }: PlantedRecovery): string {
  return `Spearman's rho of the share of signal and the mean score: ${rounded(all.rho)} over ${all.vertices} vertices, ${rounded(planted.rho)} over the ${planted.vertices} with a signal`
}

function foundText({ found, subjects }: PlantedRecovery): string {
  if (found === null) return `Above chance: not tested with ${counted(subjects, 'listener')}`
  const share = ({ found: count, vertices }: { readonly found: number; readonly vertices: number }) =>
    `${count} of ${vertices}${vertices === 0 ? '' : ` (${formatPercent(count / vertices)})`}`
  return `Above chance (Wilcoxon, Benjamini–Hochberg, ${found.level}): ${share(found.planted)} vertices with a signal, ${share(found.others)} without`
}

function orderText({ order }: PlantedRecovery): readonly string[] {
  if (order.length === 0) return []
  const [right, pairs] = [order, order].map((all, i) =>
    all.reduce((sum, one) => sum + (i === 0 ? one.right : one.pairs), 0),
  )
  const rows = order.map((one) => [
    one.region,
    one.planted.join(' > '),
    one.recovered.join(' > '),
    `${one.right} of ${one.pairs}`,
  ])
  const columns = ['Region', 'Models by weight', 'By score'].map((title) => ({ title, align: 'left' as const }))
  return [
    `Models in the order of their weights and of their scores: ${right} of ${pairs} pairs the same way round`,
    formatTable([...columns, { title: 'Pairs', align: 'right' }], rows),
  ]
}

function responseText({ responses }: PlantedRecovery): readonly string[] {
  return responses.map(({ hrf, delay, regions, assumed, score, possible }) => {
    const late = delay === 0 ? '' : `, ${Math.abs(delay)} s ${delay > 0 ? 'late' : 'early'}`
    const share = Number.isFinite(score) ? ` (${formatPercent(score / possible)})` : ''
    return (
      `Response: ${hrf}${late} in ${counted(regions, 'region')}; the analysis assumes ${assumed}: ` +
      `it scores ${rounded(score)} of at most ${rounded(possible)} there${share}`
    )
  })
}
