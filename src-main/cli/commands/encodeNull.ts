/** `encode --null`: a permutation test of the predictions that a regression has just made. */
import { HeschlError } from '../../errors.ts'
import type { ArrayJob } from '../../jobs/engineHandle.ts'
import type { ChosenArrayEncoding } from '../../study/arrayEncoding.ts'

type PermutationTestTask = Extract<ArrayJob['steps'][number]['task'], { kind: 'permutationTest' }>

export interface NullOptions {
  /** Permutations; no test where it is left out. */
  readonly null?: number
  readonly block?: number
  readonly seed?: number
}

/** The files that are written, less their ending. */
export const nullNames = ({ null: permutations }: NullOptions): readonly string[] =>
  permutations === undefined ? [] : ['p', 'p_max']

/** As HuthLab's published analyses, in volumes. */
const usualBlock = 10

/** @param at where a file of the results is written */
export function nullTask(
  { null: permutations, block = usualBlock, seed = 1 }: NullOptions,
  y: string,
  { encoding: options, scores }: Pick<ChosenArrayEncoding, 'encoding' | 'scores'>,
  at: (name: string) => string,
): (PermutationTestTask & { readonly predictions: string }) | undefined {
  if (permutations === undefined) return undefined
  const [measure = 'r'] = scores
  const files = { predictions: at('predictions'), y, p: at('p'), pMax: at('p_max') }
  return { kind: 'permutationTest', ...files, options, measure, block, permutations, seed }
}

/** @throws HeschlError OPTION_INVALID */
export function checkNull({ null: permutations, block }: NullOptions): void {
  if (permutations !== undefined || block === undefined) return
  throw new HeschlError('OPTION_INVALID', "option '--block' is of --null", { remedy: 'Give --null too' })
}

/** The steps of a regression and its test. Whether there are permutations enough is checked before anything is fitted. */
export function withNull<Step extends { readonly label: string }>(step: Step, task: PermutationTestTask | undefined) {
  if (!task) return [step]
  const { predictions: _none, ...checked } = task
  return [{ label: 'Checking permutations', task: checked }, step, { label: 'Permutation test', task }]
}
