/** What `heschl doctor` says of ONNX Runtime's providers. Pure. */
import type { ProviderFacts } from '../jobs/engineHandle.ts'
import { formatTable } from './format.ts'

/** @param providers in the order of `auto` */
export function providersText(providers: readonly ProviderFacts[]): string {
  const table = formatTable(
    [
      { title: 'Provider', align: 'left' },
      { title: 'State', align: 'left' },
      { title: 'From the CPU', align: 'right' },
      { title: 'Check', align: 'right' },
      { title: 'Reason', align: 'left' },
    ],
    providers.map(({ name, available, difference, seconds, reason }) => [
      name,
      available ? 'ok' : 'left aside',
      difference === null ? '' : `${difference === 0 ? 0 : difference.toExponential(0)} SD`,
      seconds === null ? '' : `${(seconds * 1000).toFixed(0)} ms`,
      reason ?? '',
    ]),
  )
  const works = providers.filter(({ available }) => available).map(({ name }) => name)
  const auto = works[0] === undefined ? '' : `\n\`auto\` takes ${works[0]}.`
  return `${table}\nStudies compute with cpu unless \`compute: {provider: …}\` or --provider says otherwise.${auto}`
}
