/** What commands print for people: problems, plans, results. Pure. */
import type { ModelFacts, Plan, Problem, ScoreTable, SetRow } from '../contract/study.ts'
import type { Methods } from '../study/methods.ts'
import { recoveryText } from './recoveryText.ts'
import { counted, formatBytes, formatDuration, formatPercent, formatScore, formatTable } from './format.ts'

/** `study.yaml:5:28: error: …`, as compilers write it, so that editors and terminals make links of it. */
export function problemsText(file: string, problems: readonly Problem[]): string {
  const lines = problems.flatMap(({ severity, message, line, column, remedy }) => {
    const place = line === null ? file : `${file}:${line}${column === null ? '' : `:${column}`}`
    return [`${place}: ${severity}: ${message}`, ...(remedy === null ? [] : [`    ${remedy}`])]
  })
  return [...lines, problemCount(file, problems)].join('\n')
}

function problemCount(file: string, problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  if (problems.length === 0) return `${file}: valid`
  const counts = [errors > 0 ? counted(errors, 'error') : 'valid', warnings > 0 ? counted(warnings, 'warning') : '']
  return `${file}: ${counts.filter(Boolean).join(', ')}`
}

/** The paragraph, and below it the publications it cites. */
export const methodsText = ({ paragraph, references }: Methods): string => [paragraph, '', ...references].join('\n')

/** Costs are of what is not cached yet. */
export function planText(plan: Plan): string {
  const cached = plan.steps.filter((step) => step.cached).length
  const heard = plan.steps.some(({ windows }) => windows !== null)
  const rows = plan.steps.map((step) => [
    step.label,
    step.cached ? 'cached' : '',
    ...(heard ? [windowsText(step)] : []),
    ...(step.cached
      ? ['', '', '']
      : [formatDuration(step.seconds), formatBytes(step.memoryBytes), formatBytes(step.diskBytes)]),
  ])
  const { seconds, memoryBytes, diskBytes } = plan.totals
  const total = [
    `${counted(plan.steps.length, 'step')}, ${cached} cached`,
    '',
    ...(heard ? [''] : []),
    formatDuration(seconds),
    formatBytes(memoryBytes),
    formatBytes(diskBytes),
  ]
  const table = formatTable(
    [
      { title: 'Step', align: 'left' },
      { title: '', align: 'left' },
      ...(heard ? ([{ title: 'Windows', align: 'right' }] as const) : []),
      { title: 'Time', align: 'right' },
      { title: 'Memory', align: 'right' },
      { title: 'Disk', align: 'right' },
    ],
    [...rows, total],
  )
  return [table, ...providerLine(plan.provider)].join('\n')
}

/** `23, 1.9x the audio`: how many windows, and how often a second of audio is computed. */
const windowsText = ({ windows }: Plan['steps'][number]) =>
  windows === null ? '' : `${windows.count}, ${windows.repetition.toFixed(1)}x the audio`

/** What is worth a line: results of another provider than the CPU are others. */
const providerLine = (provider: string | null) =>
  provider === null || provider === 'cpu' ? [] : [`Activations are computed with ${provider}.`]

export function resultsText(table: ScoreTable): string {
  const several = table.rows.some((row) => row.subjects > 1)
  const seeded = table.rows.some((row) => row.spread !== null)
  const scores = formatTable(
    [
      { title: 'Model or space', align: 'left' },
      { title: 'Layer', align: 'left' },
      { title: `Mean ${table.measure.symbol}`, align: 'right' },
      ...(several ? [{ title: 'SE', align: 'right' } as const] : []),
      ...(seeded
        ? ([
            { title: 'SD of seeds', align: 'right' },
            { title: 'Seeds', align: 'right' },
          ] as const)
        : []),
      { title: 'Of ceiling', align: 'right' },
      { title: 'Subjects', align: 'right' },
    ],
    table.rows.map((row) => [
      row.model,
      row.layer,
      formatScore(row.meanR),
      ...(several ? [formatScore(row.semR)] : []),
      ...(seeded ? (row.spread ? [formatScore(row.spread.sd), String(row.members.length)] : ['', '']) : []),
      formatPercent(row.ceilingShare),
      String(row.subjects),
    ]),
  )
  const ceiling = table.ceiling
    ? `Noise ceiling (${table.ceiling.kind}): mean r ${formatScore(table.ceiling.meanR)} over ${table.ceiling.vertices} reliable vertices`
    : 'No noise ceiling: it needs two subjects who heard the same runs, or a stimulus heard twice'
  const series = table.models.flatMap((model) => (isSeries(model) ? (seriesText(model, table) ?? []) : []))
  return [
    scores,
    ...providerLine(table.provider),
    ceiling,
    ...series,
    ...(table.sets ?? []).map(setText),
    ...table.planted.map(recoveryText),
  ].join('\n\n')
}

/** Spaces that were fitted together, and what each explains. */
function setText({ id, of, solver, score, partition }: SetRow): string {
  const title = `${id}: ${of.join(', ')} together (${solver}), mean ${formatScore(score.mean)}`
  if (!partition) return title
  const columns = [
    { title: 'Explained by', align: 'left' },
    { title: `Mean ${partition.measure}`, align: 'right' },
  ] as const
  return `${title}\n${formatTable(
    columns,
    partition.parts.map(({ name, mean }) => [name, formatScore(mean)]),
  )}`
}

const isSeries = ({ axis }: ModelFacts) => axis === 'steps' || axis === 'hours'

/** Checkpoints by layers; the table above has the last of them. */
function seriesText({ id, axis }: ModelFacts, { rows, measure }: ScoreTable): string | undefined {
  const own = rows.filter(({ model }) => model === id)
  const places = [...new Set(own.flatMap(({ members }) => members.map(({ at }) => at)))].toSorted((a, b) => a - b)
  if (places.length === 0) return undefined
  const cells = places.map((at) => [
    String(at),
    ...own.map(({ members }) => formatScore(members.find((each) => each.at === at)?.meanR ?? NaN)),
  ])
  const columns = [`${axis}`, ...own.map(({ layer }) => layer)].map((title) => ({ title, align: 'right' }) as const)
  return `Mean ${measure.symbol} of ${id} along its training; the row of ${id} above is its last checkpoint\n${formatTable(columns, cells)}`
}
