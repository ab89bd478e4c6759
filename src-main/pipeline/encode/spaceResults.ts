/** What `encode` writes and says of several feature spaces. */
import { basename } from 'node:path'
import type { SpaceScores } from '../../encoding/banded/fitSpaces.ts'
import { writeNpy } from '../../formats/npy.ts'
import { meanOverFolds } from '../../scoring/index.ts'
import { partition, partName, type SpaceSet } from '../../scoring/partition.ts'
import type { EncodeSpacesTask } from '../arrayTasks.ts'
import type { Input } from './inputs.ts'

/** The variance explained by each union of spaces, and its parts. @param unions [n_targets] each */
export async function writePartition(
  { measure, ...files }: NonNullable<EncodeSpacesTask['partition']>,
  sets: readonly SpaceSet[],
  unions: readonly Float32Array[],
  names: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const shape = [sets.length, unions[0].length]
  const parts = partition(names.length, unions)
  await writeNpy(files.parts, { shape, data: parts as Float32Array<ArrayBuffer> })
  await writeNpy(files.unions, { shape, data: stacked(unions) })
  return {
    measure,
    unions: sets.map((set, i) => ({ spaces: set.map((space) => names[space]), mean: meanOf(unions[i]) })),
    parts: sets.map((set, i) => {
      const own = parts.subarray(i * shape[1], (i + 1) * shape[1])
      return { name: partName(set, names), mean: meanOf(own) }
    }),
  }
}

/** Of what is not NaN. */
function meanOf(values: Float32Array): number {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.reduce((sum, value) => sum + value, 0) / known.length
}

/** [n_targets], averaged over folds. */
export function unionScore({ r, r2 }: SpaceScores, measure: 'r2' | 'r-squared', folds: number): Float32Array {
  return meanOverFolds(measure === 'r2' ? r2 : r.map((value) => value * value), folds)
}

function stacked(rows: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const cols = rows[0].length
  const out = new Float32Array(rows.length * cols)
  for (const [i, row] of rows.entries()) out.set(row, i * cols)
  return out
}

export async function writeScores(
  task: EncodeSpacesTask,
  { nTargets, r, r2, alpha, deltas, split }: SpaceScores,
  folds: number,
  spaces: number,
): Promise<void> {
  const flat = [folds, nTargets]
  const bySpace = [folds, spaces, nTargets]
  const write = (file: string | undefined, shape: readonly number[], data: Float32Array | Float64Array) =>
    file === undefined ? Promise.resolve() : writeNpy(file, { shape, data: data as Float32Array<ArrayBuffer> })
  await write(task.r, flat, r)
  await write(task.alpha, flat, alpha)
  await write(task.deltas, bySpace, deltas)
  await write(task.r2, flat, r2)
  await write(
    task.rSquared,
    flat,
    r.map((value) => value * value),
  )
  if (task.split && split) {
    await write(task.split.r, bySpace, split.r)
    await write(task.split.r2, bySpace, split.r2)
  }
}

/** File names without their ending, with a number where two are alike. */
export function spaceNames(inputs: readonly Input[]): readonly string[] {
  const names = inputs.map(({ file }) => basename(file).replace(/\.npy$/i, ''))
  return names.map((name, i) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} ${i + 1}`))
}

export function summaryOf(
  r: Float32Array,
  folds: number,
): { readonly meanR: number; readonly unscoredTargets: number } {
  const unscored = r.filter((value) => Number.isNaN(value)).length
  return { meanR: meanOf(r), unscoredTargets: unscored / folds }
}
