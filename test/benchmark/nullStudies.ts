/**
 * False-positive rates over studies in which there is nothing to find, from simulated responses through fits to group
 * tests, with 95 % intervals of a share of so many (Wilson).
 *
 *   npm run bench -- nullStudies [--studies 200] [--listeners 12] [--level 2] [--volumes 60,60] [--flips 199] [--only 1,3]
 *
 * Prints a Markdown table. Nothing is timed but the whole.
 */
import { parseArgs } from 'node:util'
import { shareInterval } from '../../src-main/statistics/power.ts'
import { nullStudies } from '../support/nullStudies.ts'
import type { Mean, NullStudyOptions } from '../support/nullStudies.ts'

const { values } = parseArgs({
  options: {
    studies: { type: 'string', default: '200' },
    listeners: { type: 'string', default: '12' },
    level: { type: 'string', default: '2' },
    volumes: { type: 'string', default: '60,60' },
    flips: { type: 'string', default: '199' },
    seed: { type: 'string', default: '1' },
    /** Kinds of studies, from 1, with commas. */
    only: { type: 'string' },
  },
})
const common = {
  studies: Number(values.studies),
  listeners: Number(values.listeners),
  level: Number(values.level),
  volumes: values.volumes.split(',').map(Number),
  flips: Number(values.flips),
  seed: Number(values.seed),
}
const only = values.only?.split(',')
type Kind = Pick<NullStudyOptions, 'planted' | 'shifts' | 'autocorrelation' | 'folds' | 'gap'>
const noise = { planted: 'nothing', autocorrelation: 0.4 } as const
const kinds: readonly (readonly [string, Kind])[] = [
  ['noise alone, ten folds', { ...noise, folds: 10, shifts: 1 }],
  ['noise alone, ten folds, five shifts', { ...noise, folds: 10, shifts: 5 }],
  ['noise alone, ten folds, gap of 4', { ...noise, folds: 10, gap: 4 }],
  ['noise alone, six folds, gap of 4', { ...noise, folds: 6, gap: 4 }],
  ['noise alone, folds of runs', { ...noise, folds: 'runs' }],
  ['equal weights, ten folds', { planted: 'equal', autocorrelation: 0.4, folds: 10 }],
]
const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const began = performance.now()
console.log(
  `${common.studies} studies, ${common.listeners} listeners, runs of ${values.volumes} volumes, level ${common.level}\n`,
)
console.log('| planted | compared | test at 0.05 | correction | found | of | rate | 95 % |')
console.log('| --- | --- | --- | --- | ---: | ---: | ---: | --- |')
for (const [planted, kind] of kinds.filter((_, i) => only === undefined || only.includes(String(i + 1)))) {
  const { rates, score, difference } = await nullStudies({ ...common, ...kind })
  for (const { what, test, correction, found, tests } of rates) {
    // Vertices and regions of one study are no independent tests: their interval would be too narrow.
    const interval = tests === common.studies ? shareInterval(found, tests).map(percent).join(' to ') : ''
    console.log(
      `| ${planted} | ${what} | ${test} | ${correction} | ${found} | ${tests} | ${percent(found / tests)} | ${interval} |`,
    )
  }
  const said = ({ mean, error }: Mean) => `${mean.toFixed(4)} ± ${error.toFixed(4)}`
  console.log(`\nMeans (${planted}; ± SE over studies): score ${said(score)}, A − B ${said(difference)}\n`)
}
console.log(`${Math.round((performance.now() - began) / 1000)} s`)
