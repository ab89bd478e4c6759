/** Every subject's score at every vertex, by what the models are to that subject. */
import { HeschlError } from '../../../errors.ts'
import { zeros32, zeros64 } from '../../../linalg/matrix.ts'
import type { Matrix32, Matrix64 } from '../../../linalg/matrix.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import type { FindingSpace, FindingSubject, Scores } from '../input.ts'
import { meansOf } from '../regionScores.ts'
import type { RegionSet } from '../regionScores.ts'
import { counterpartsOf, rolesOf } from '../roles.ts'
import type { LayerChoice } from './layers.ts'

export interface RoleScores {
  readonly subjects: readonly FindingSubject[]
  /**
   * [subjects, regions] of each role: its scores; NaN in the row of a subject that lacks it. Several models: their mean.
   */
  readonly scored: ReadonlyMap<string, Matrix64>
  /** [subjects, vertices] of each role: the scores less what is scored by chance (findings/chance.ts), which are compared. */
  readonly above: ReadonlyMap<string, Matrix32>
  /** The same of the self-supervised models of the language of each supervised one; null without supervised models. */
  readonly counterpart: Matrix32 | null
  /** Of each model: subjects with scores of some of its layers, but not of all. */
  readonly incomplete: readonly { readonly model: string; readonly subjects: number }[]
}

/** @throws HeschlError FILE_MISSING where no subject has scores; CANCELLED */
export async function readRoles(
  scores: Scores,
  layers: LayerChoice,
  regions: RegionSet,
  context: StepContext,
): Promise<RoleScores> {
  const held = scores.input.subjects.map((subject) => ({ subject, own: rolesOf(scores, layers.needed, subject) }))
  const known = held.filter(({ own }) => own.size > 0)
  if (known.length === 0) throw nothingScored(scores, layers)
  const blank = (): Matrix32 => {
    const matrix = zeros32(known.length, scores.vertices)
    matrix.data.fill(NaN)
    return matrix
  }
  const blankRegions = (): Matrix64 => {
    const matrix = zeros64(known.length, regions.names.length)
    matrix.data.fill(NaN)
    return matrix
  }
  const supervised = known.some(({ own }) => own.has('supervised'))
  const scored = new Map<string, Matrix64>()
  const above = new Map<string, Matrix32>()
  let counterpart: Matrix32 | null = null
  // Where everyone's counterpart is the native model, no map is read or kept twice.
  const alike = known.every(({ subject, own }) => sameModels(counterpartsOf(own, subject), own.get('native') ?? []))
  for (const [row, { subject, own }] of known.entries()) {
    /** @returns the scores; puts what of them is above chance into the matrix */
    const put = async (matrix: Matrix32, spaces: readonly FindingSpace[]) => {
      const map = await meanOf(scores, layers, spaces, { subject, what: 'r' }, context)
      const chance =
        scores.chance === 'zero' ? null : await meanOf(scores, layers, spaces, { subject, what: 'chance' }, context)
      matrix.data.set(chance === null ? map : map.map((value, v) => value - chance[v]), row * matrix.cols)
      return map
    }
    for (const [role, spaces] of own) {
      const [matrix, means] = [above.get(role) ?? blank(), scored.get(role) ?? blankRegions()]
      above.set(role, matrix)
      scored.set(role, means)
      const map = await put(matrix, spaces)
      means.data.set(meansOf(Float32Array.from(map), regions), row * means.cols)
    }
    const self = counterpartsOf(own, subject)
    if (supervised && !alike && self.length > 0) {
      counterpart ??= blank()
      await put(counterpart, self)
    }
    context.progress({ fraction: (row + 1) / known.length })
  }
  return {
    subjects: known.map(({ subject }) => subject),
    ...{ scored, above },
    counterpart: supervised && alike ? (above.get('native') ?? null) : counterpart,
    incomplete: incompleteOf(scores, layers),
  }
}

const sameModels = (a: readonly FindingSpace[], b: readonly FindingSpace[]) =>
  a.length === b.length && a.every((space) => b.includes(space))

/** [vertices]: the mean over models of a subject's scores. */
async function meanOf(
  scores: Scores,
  layers: LayerChoice,
  spaces: readonly FindingSpace[],
  { subject, what }: { readonly subject: FindingSubject; readonly what: 'r' | 'chance' },
  context: StepContext,
): Promise<Float64Array> {
  const sum = new Float64Array(scores.vertices)
  for (const space of spaces) {
    throwIfCancelled(context)
    const own = await scores.meanOverLayers(space, layers.of(space, subject), subject.id, what)
    for (let v = 0; v < sum.length; v++) sum[v] += own[v] / spaces.length
  }
  return sum
}

function incompleteOf(scores: Scores, layers: LayerChoice): RoleScores['incomplete'] {
  return scores.input.spaces.flatMap((space) => {
    if (space.kind !== 'model') return []
    const needed = layers.needed(space)
    const some = scores.input.subjects.filter(({ id }) => needed.some((layer) => scores.has(space, [layer], id)))
    const subjects = some.filter(({ id }) => !scores.has(space, needed, id)).length
    return subjects === 0 ? [] : [{ model: space.id, subjects }]
  })
}

function nothingScored(scores: Scores, layers: LayerChoice): HeschlError {
  const scored = scores.input.spaces.some((space) => space.kind === 'model' && scores.scoredLayers(space).length > 0)
  return new HeschlError('FILE_MISSING', 'No model has scores to compare', {
    expected: `scores of models: ${layers.words}`,
    found: scored ? 'scores of other layers alone' : 'none',
    remedy: scored ? 'Name a layer that the models have' : 'Run the study first: heschl run',
  })
}
