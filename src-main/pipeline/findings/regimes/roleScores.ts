/** Every subject's score at every vertex, by what the models are to that subject. */
import { HeschlError } from '../../../errors.ts'
import { zeros32 } from '../../../linalg/matrix.ts'
import type { Matrix32 } from '../../../linalg/matrix.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import type { FindingSpace, FindingSubject, Scores } from '../input.ts'
import { counterpartsOf, nestedRoles, rolesOf } from '../roles.ts'
import type { LayerChoice } from './layers.ts'

export interface RoleScores {
  readonly subjects: readonly FindingSubject[]
  /** [subjects, vertices] of each role; NaN in the row of a subject that lacks it. Several models: their mean. */
  readonly roles: ReadonlyMap<string, Matrix32>
  /** The same of the self-supervised models of the language of each supervised one; null without supervised models. */
  readonly counterpart: Matrix32 | null
  /**
   * Of each role that is some subject's first of the nested chain: [subjects, vertices] what is scored by chance. None where
   * chance is 0.
   */
  readonly chance: ReadonlyMap<string, Matrix32>
  /** Of each model: subjects with scores of some of its layers, but not of all. */
  readonly incomplete: readonly { readonly model: string; readonly subjects: number }[]
}

/** @throws HeschlError FILE_MISSING where no subject has scores; CANCELLED */
export async function readRoles(scores: Scores, layers: LayerChoice, context: StepContext): Promise<RoleScores> {
  const held = scores.input.subjects.map((subject) => ({ subject, own: rolesOf(scores, layers.needed, subject) }))
  const known = held.filter(({ own }) => own.size > 0)
  if (known.length === 0) throw nothingScored(scores, layers)
  const blank = (): Matrix32 => {
    const matrix = zeros32(known.length, scores.vertices)
    matrix.data.fill(NaN)
    return matrix
  }
  const supervised = known.some(({ own }) => own.has('supervised'))
  const roles = new Map<string, Matrix32>()
  const chance = new Map<string, Matrix32>()
  let counterpart: Matrix32 | null = null
  // Where everyone's counterpart is the native model, no map is read or kept twice.
  const alike = known.every(({ subject, own }) => sameModels(counterpartsOf(own, subject), own.get('native') ?? []))
  for (const [row, { subject, own }] of known.entries()) {
    const put = async (matrix: Matrix32, spaces: readonly FindingSpace[], what: 'r' | 'chance' = 'r') => {
      matrix.data.set(await meanOf(scores, layers, spaces, { subject, what }, context), row * matrix.cols)
    }
    const first = nestedRoles.find((role) => own.has(role))
    for (const [role, spaces] of own) {
      const matrix = roles.get(role) ?? blank()
      roles.set(role, matrix)
      await put(matrix, spaces)
      if (role !== first || scores.chance === 'zero') continue
      const shifted = chance.get(role) ?? blank()
      chance.set(role, shifted)
      await put(shifted, spaces, 'chance')
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
    ...{ roles, chance },
    counterpart: supervised && alike ? (roles.get('native') ?? null) : counterpart,
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
