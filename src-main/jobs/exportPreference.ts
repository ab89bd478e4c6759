import { HeschlError } from '../errors.ts'
import type { ArrayReport, ExportPreferenceArgument } from './engineHandle.ts'
import { fitOf, plannedFits } from './exportFit.ts'
import { oneStep } from './oneStep.ts'
import { versions } from './provenance.ts'
import type { RunOptions } from './runner.ts'
import type { StudySession } from './session.ts'

/**
 * Writes a model's preferred layers over the subjects of a study (pipeline/preference.ts), whose fits must be stored.
 * @throws HeschlError STUDY_INVALID; OPTION_INVALID where the study has no such model; FILE_MISSING before it was run
 */
export async function runPreferenceExport(
  session: StudySession,
  { model, options: chosen, out }: ExportPreferenceArgument,
  options: RunOptions,
): Promise<ArrayReport> {
  const { fits } = await plannedFits(session)
  const own = fitOf(fits, { space: model })
  const missing = own.find(({ key }) => !session.store.has(key))
  if (missing)
    throw new HeschlError('FILE_MISSING', 'These scores have not been computed yet', {
      where: { file: session.path, step: missing.spec.label },
      remedy: 'Run the study first: heschl run',
    })
  const layers = [...new Set(own.map(({ spec }) => spec.layer))]
  const subjects = [...new Set(own.map(({ spec }) => spec.subject))]
  const maps = subjects.map((subject) =>
    layers.map((layer) => {
      const [{ key }] = fitOf(own, { layer, subject })
      return session.store.array(key, 'r').data as Float32Array
    }),
  )
  const tell = oneStep(options)
  const { provenance } = await options.compute.run(
    { kind: 'preference', maps, options: chosen, out },
    { progress: ({ fraction }) => tell(`Preferred layers of ${model}`, fraction) },
  )
  return { ...versions(), study: session.path, model, layers, ...provenance }
}
