import { createHash } from 'node:crypto'
import type { FindingFigure, FindingProvenance, FindingSource } from '../contract/findings.ts'
import { HeschlError } from '../errors.ts'
import { findingVersions } from '../pipeline/findings/finding.ts'
import type { FindingReport } from '../pipeline/findings/finding.ts'
import type { BehaviourInput, FindingInput, FindingSpace, StoredScore } from '../pipeline/findings/input.ts'
import { contentKey } from '../store/keys.ts'
import type { Behaviour } from '../study/behaviourSchema.ts'
import { resolveEncoding } from '../study/encoding.ts'
import { figureOptions } from '../study/figures.ts'
import type { FigureOptions } from '../study/figures.ts'
import { axisOf, membersOf } from '../study/members.ts'
import { studyInvalid } from '../study/parse.ts'
import type { FindingArgument } from './engineHandle.ts'
import { encodingRows, noticeOf } from './overview.ts'
import { oneStep } from './oneStep.ts'
import { versions } from './provenance.ts'
import { measures } from './results.ts'
import type { RunOptions } from './runner.ts'
import type { Snapshot, StudySession } from './session.ts'

/** So many are kept: a page of panels shows a few, and comes back to them. */
const mostKnown = 12

/** Findings by all that they can depend on, so that what was analysed is not analysed again while nothing changed. */
export class KnownFindings {
  readonly #known = new Map<string, { readonly surface: Snapshot['surface']; readonly found: FindingFigure }>()

  /** @throws HeschlError as `runFinding` */
  async finding(session: StudySession, argument: FindingArgument, options: RunOptions): Promise<FindingFigure> {
    const snapshot = await session.refresh()
    if (!snapshot.basis || !snapshot.surface) throw studyInvalid(session.path, snapshot.problems)
    const { surface, ...input } = await inputOf(session, snapshot, argument.figure)
    const chosen = figureOptions(snapshot.study.figures, argument.figure, argument.options)
    const all = JSON.stringify([session.path, argument.figure, chosen, input])
    const key = createHash('sha256').update(all).digest('hex')
    const known = this.#known.get(key)
    if (known?.surface === surface) return known.found
    const found = await runFinding(session, snapshot, argument.figure, { ...input, surface }, chosen, options)
    this.#known.delete(key)
    this.#known.set(key, { surface, found })
    if (this.#known.size > mostKnown) this.#known.delete(this.#known.keys().next().value!)
    return found
  }
}

/**
 * What a study's stored scores say, for one figure. The compute thread asks for maps one by one, so that they need not fit
 * in memory.
 * @throws HeschlError STUDY_INVALID; OPTION_INVALID for options that the figure does not have; FILE_MISSING before the
 * study was run; CANCELLED
 */
async function runFinding(
  session: StudySession,
  snapshot: Snapshot,
  figure: FindingArgument['figure'],
  input: FindingInput,
  resolved: FigureOptions,
  options: RunOptions,
): Promise<FindingFigure> {
  const tell = oneStep(options)
  const { provenance } = await options.compute.run(
    { kind: 'finding', figure, input, options: resolved },
    {
      progress: ({ fraction }) => tell(`Figure ${figure}`, fraction),
      read: (step, name) => session.store.array(step, name),
    },
  )
  const { result, used } = provenance as unknown as FindingReport
  const { study } = snapshot
  const sources: FindingSource[] = used.map(({ space, layer, keys }) => ({
    ...{ space, layer, subjects: keys.length },
    key: contentKey({ kind: 'scores', version: 1, parameters: null, inputs: keys.toSorted() }),
  }))
  const own = resolved[figure]
  const key = contentKey({
    kind: figure,
    version: findingVersions[figure],
    parameters: own,
    inputs: sources.map((source) => source.key),
  })
  const found = {
    figure,
    ...result,
    notice: noticeOf(study),
    measure: measures[resolveEncoding(study.encoding).score.measure],
    provenance: {
      study: study.name,
      ...{ key, options: own, encoding: encodingRows(study), sources, versions: versions() },
      subjects: subjectsOf(snapshot.steps, new Set(used.flatMap(({ keys }) => keys))),
    },
  }
  const { voxels } = snapshot.surface!
  if (voxels) return { finding: found, surface: null, voxels }
  return { finding: found, surface: snapshot.basis!.electrodes.size > 0 ? null : snapshot.surface }
}

/** @param used keys of the scores that were read */
function subjectsOf(steps: Snapshot['steps'], used: ReadonlySet<string>): FindingProvenance['subjects'] {
  const components = new Set(steps.flatMap(({ spec, key }) => (spec.kind === 'components' ? [key] : [])))
  const found = new Map<string, string>()
  for (const { spec, key, identity } of steps) {
    if (spec.kind !== 'fit' || !used.has(key) || found.has(spec.subject)) continue
    // A fit's inputs are its design, components of responses where there are any, and the subject's files.
    const inputs = identity.inputs.slice(1).filter((input) => !components.has(input))
    found.set(spec.subject, contentKey({ kind: 'recordings', version: 1, parameters: null, inputs }))
  }
  return [...found].map(([id, key]) => ({ id, key }))
}

async function inputOf(
  session: StudySession,
  { study, basis, surface, steps }: Snapshot,
  figure: FindingArgument['figure'],
): Promise<FindingInput> {
  if (basis!.electrodes.size > 0 && figure !== 'behaviour')
    throw new HeschlError('OPTION_INVALID', 'These figures are of a cortex', {
      expected: 'recordings of the vertices of a surface',
      found: 'recordings of electrodes, which subjects do not share',
      remedy: 'heschl run --scores writes the scores of electrodes',
    })
  const scores: StoredScore[] = []
  const ceilings: { subjects: readonly string[]; key: string }[] = []
  for (const { spec, key } of steps) {
    if (!session.store.has(key)) continue
    if (spec.kind === 'fit') scores.push({ member: spec.space, layer: spec.layer, subject: spec.subject, key })
    if (spec.kind === 'ceiling') ceilings.push({ subjects: spec.subjects, key })
  }
  const layersOf = (ids: readonly string[]) => {
    const known = ids.find((id) => basis!.layers.has(id))
    return known === undefined ? [] : basis!.layers.get(known)!
  }
  const models = study.models.map((model): FindingSpace => {
    const members = membersOf(model).map(({ id, at }) => ({ id, at }))
    const { id, regime, language = '' } = model
    const layers = layersOf(members.map((member) => member.id))
    return { id, kind: 'model', regime, language, layers, axis: axisOf(model), members }
  })
  const spaces = study.spaces.map(({ id }): FindingSpace => ({
    ...{ id, kind: 'space', regime: '', language: '', layers: layersOf([id]), axis: null },
    members: [{ id, at: null }],
  }))
  return {
    study,
    measure: measures[resolveEncoding(study.encoding).score.measure],
    spaces: [...models, ...spaces],
    subjects: study.subjects.map(({ id, language = '' }) => ({ id, language })),
    scores,
    ceilings,
    surface: surface!,
    behaviour: study.behaviour ? await behaviourOf(session, study.behaviour, steps) : null,
  }
}

async function behaviourOf(
  { facts, store }: StudySession,
  behaviour: Behaviour,
  steps: Snapshot['steps'],
): Promise<BehaviourInput> {
  const { layer, distance, dtw, hears, languages } = behaviour
  const file = behaviour.answers === undefined ? undefined : facts.path(behaviour.answers)
  return {
    ...{ layer, distance, dtw, hears, languages },
    files: facts.experimentFiles(behaviour),
    answers: file === undefined ? null : { file, hash: await store.fileHash(file) },
    asked: steps.flatMap(({ spec, key }) =>
      spec.kind === 'abx' && store.has(key) ? [{ member: spec.space, key }] : [],
    ),
  }
}
