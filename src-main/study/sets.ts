/** Feature spaces of a study that are fitted together: what a schema cannot say of `sets:`. Works on the raw value. */
import { resolveEncoding } from './encoding.ts'
import { encodingSchema } from './encodingSchema.ts'
import { error, maxFindings } from './finding.ts'
import type { Finding } from './finding.ts'
import type { ResolvedEncoding } from './resolvedEncoding.ts'
import type { FeatureSet } from './schema.ts'
import { similar } from './similar.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

type Raw = Readonly<Record<string, unknown>>
type Entry = { readonly path: KeyPath; readonly value: Raw }

/** A space, or a layer of a model, as a set names it: `mel`, `w2v-en/transf6`. */
export function partOf(reference: string): { readonly space: string; readonly layer: string } {
  const at = reference.indexOf('/')
  return at < 0
    ? { space: reference, layer: reference }
    : { space: reference.slice(0, at), layer: reference.slice(at + 1) }
}

/** How spaces that are fitted together are weighed (encoding/banded/fitSpaces.ts). */
export type SetSolver =
  | { readonly solver: 'ridge' }
  | { readonly solver: 'banded-random'; readonly iterations: number; readonly seed: number }
  | { readonly solver: 'banded-gradient'; readonly iterations: number }

/** How a set's spaces are weighed; the study's check has seen to it that nothing is missing (encoding/banded). */
export function solverOf({ solver, iterations = 0, seed = 0 }: FeatureSet): SetSolver {
  if (solver === 'ridge') return { solver }
  return solver === 'banded-random' ? { solver, iterations, seed } : { solver, iterations }
}

export function checkSets(
  sets: readonly Entry[],
  models: readonly Entry[],
  spaces: readonly Entry[],
  encoding: Raw,
): readonly Finding[] {
  const taken = new Set([...models, ...spaces].map(({ value }) => value['id']))
  return sets
    .slice(0, maxFindings)
    .flatMap(({ path, value }) => [
      ...(taken.has(value['id'])
        ? [error([...path, 'id'], `\`${pathText(path)}\`: a model or space has this id`)]
        : []),
      ...checkReferences(path, value['of'], models, spaces),
      ...checkSolver(path, value),
      ...checkModel(path, value, encoding),
    ])
}

function checkReferences(
  path: KeyPath,
  of: unknown,
  models: readonly Entry[],
  spaces: readonly Entry[],
): readonly Finding[] {
  if (!Array.isArray(of)) return []
  const idsOf = (entries: readonly Entry[]) => entries.map(({ value }) => String(value['id']))
  return of.flatMap((reference: unknown, index) => {
    if (typeof reference !== 'string') return []
    const at = [...path, 'of', index]
    const name = `\`${pathText(at)}\``
    if (of.indexOf(reference) < index) return [error(at, `${name}: "${reference}" is there already`, 'Name it once')]
    const { space, layer } = partOf(reference)
    const known = [...idsOf(models), ...idsOf(spaces)]
    if (!known.includes(space)) {
      const meant = similar(space, known)
      const question = meant === undefined ? '' : `; did you mean "${meant}"?`
      return [error(at, `${name}: no model or space has the id "${space}"${question}`)]
    }
    const model = models.find(({ value }) => value['id'] === space)?.value
    const hasLayer = reference.includes('/') && layer !== ''
    if (!model) return hasLayer ? [error(at, `${name}: the space "${space}" has no layers`, `Write \`${space}\``)] : []
    if (!hasLayer)
      return [error(at, `${name}: "${space}" is a model`, `Name one of its layers, as \`${space}/transf6\``)]
    if (model['series'] === undefined && model['seeds'] === undefined) return []
    return [
      error(at, `${name}: "${space}" is several checkpoints or seeds`, 'Make the one that is meant a model of its own'),
    ]
  })
}

function checkSolver(path: KeyPath, { solver = 'ridge', iterations, seed, partition, of }: Raw): readonly Finding[] {
  const findings: Finding[] = []
  const refuse = (key: string, message: string, remedy: string) =>
    findings.push(error([...path, key], `\`${pathText(path)}\`: ${message}`, remedy))
  if (partition === true && Array.isArray(of) && of.length > 4)
    refuse(
      'partition',
      `the variance explained is divided among 2 to 4 spaces, and these are ${of.length}`,
      'Name fewer',
    )
  if (solver === 'ridge' ? iterations !== undefined : false)
    refuse('iterations', '`iterations` are of a banded solver', 'Remove them, or set `solver: banded-random`')
  if (solver !== 'banded-random' && seed !== undefined)
    refuse('seed', '`seed` is of `solver: banded-random`', 'Remove it')
  if (solver !== 'ridge' && iterations === undefined)
    refuse('solver', `\`solver: ${String(solver)}\` needs \`iterations\``, 'Add `iterations: 100`')
  if (solver === 'banded-random' && seed === undefined)
    refuse('solver', '`solver: banded-random` needs `seed`', 'Add `seed: 0`')
  return findings
}

/** What of the encoding model sets are not fitted with. */
function checkModel(path: KeyPath, { solver }: Raw, encoding: Raw): readonly Finding[] {
  const checked = encodingSchema.safeParse(encoding)
  if (!checked.success) return []
  const resolved = resolveEncoding(checked.data)
  const { selection } = resolved
  const found = [
    ...unfit(resolved),
    ...(solver === 'banded-gradient' && selection === 'leave-one-out' ? ['selection: leave-one-out'] : []),
  ]
  return found.map((option) =>
    error(path, `\`${pathText(path)}\` is not fitted with \`encoding.${option}\``, 'Change it, or remove the set'),
  )
}

function unfit(encoding: ResolvedEncoding): readonly string[] {
  const { standardizeX, standardizeY, pcaX, pcaY, intercept, alpha, score, hrf, folds } = encoding
  return [
    ...(standardizeX === 'training-fold' ? ['standardizeX: training-fold'] : []),
    ...(standardizeY === 'training-fold' ? ['standardizeY: training-fold'] : []),
    ...(pcaX === 'none' ? [] : ['pcaX']),
    ...(pcaY === 'none' ? [] : ['pcaY']),
    ...(alpha === 'shared' ? ['alpha: shared'] : []),
    ...(score.over === 'concatenated' ? ['score.over: concatenated'] : []),
    ...(typeof hrf === 'object' && 'lags' in hrf ? ['hrf.lags'] : []),
    ...(typeof folds === 'object' ? ['folds.splits'] : []),
    // Of whole runs with a mean of 0 nothing is left for an intercept.
    ...(intercept || (folds === 'runs' && standardizeY === 'per-run') ? [] : ['intercept: false']),
  ]
}
