import { HeschlError } from '../errors.ts'
import type { FitTask } from '../pipeline/tasks.ts'
import { resolveEncoding } from '../study/encoding.ts'
import { studyInvalid } from '../study/parse.ts'
import type { FitStep } from '../study/plan.ts'
import type { ArrayReport, ExportFitArgument } from './engineHandle.ts'
import type { KeyedStep } from './keyedPlan.ts'
import { oneStep } from './oneStep.ts'
import { versions } from './provenance.ts'
import type { RunOptions } from './runner.ts'
import type { Snapshot, StudySession } from './session.ts'

/**
 * Writes files of one fit of a study (pipeline/exportFit.ts), whose designs must be stored.
 * @throws HeschlError STUDY_INVALID; OPTION_INVALID where the study has no such fit; FILE_MISSING before it was run
 */
export async function runFitExport(
  session: StudySession,
  { model, layer, subject, files }: ExportFitArgument,
  options: RunOptions,
): Promise<ArrayReport> {
  const { study, steps, fits } = await plannedFits(session)
  const step = fitOf(fits, { space: model, layer, subject })[0]
  const missing = step.spec.designs.find((id) => !session.store.has(steps.find(({ spec }) => spec.id === id)!.key))
  if (missing !== undefined)
    throw new HeschlError('FILE_MISSING', 'The regressors of this fit have not been computed yet', {
      where: { file: session.path, step: step.spec.label },
      remedy: 'Run the study first: heschl run',
    })
  const tell = oneStep(options)
  const { provenance } = await options.compute.run(
    { kind: 'exportFit', fit: step.task() as FitTask, files },
    { progress: ({ fraction, rate }) => tell(step.spec.label, fraction, rate) },
  )
  return {
    ...versions(),
    study: session.path,
    model,
    layer,
    subject,
    key: step.key,
    encoding: resolveEncoding(study.encoding),
    ...provenance,
  }
}

export type KeyedFit = KeyedStep & { readonly spec: FitStep }

/** @throws HeschlError STUDY_INVALID */
export async function plannedFits(session: StudySession): Promise<Snapshot & { readonly fits: readonly KeyedFit[] }> {
  const snapshot = await session.refresh()
  const errors = snapshot.problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw studyInvalid(session.path, errors)
  return { ...snapshot, fits: snapshot.steps.filter((step): step is KeyedFit => step.spec.kind === 'fit') }
}

/** The fits of these names, told one by one where there are none. */
export function fitOf(
  fits: readonly KeyedFit[],
  names: Readonly<Partial<Record<'space' | 'layer' | 'subject', string>>>,
): readonly KeyedFit[] {
  let left = fits
  for (const part of ['space', 'layer', 'subject'] as const) {
    if (names[part] === undefined) continue
    const known = [...new Set(left.map(({ spec }) => spec[part]))]
    left = left.filter(({ spec }) => spec[part] === names[part])
    if (left.length === 0)
      throw new HeschlError('OPTION_INVALID', `The study has no such ${part === 'space' ? 'model or space' : part}`, {
        expected: known.length === 0 ? 'a study with fits' : `one of ${known.join(', ')}`,
        found: names[part],
      })
  }
  return left
}
