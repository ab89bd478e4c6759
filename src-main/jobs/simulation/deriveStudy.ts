import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { readText } from '../../formats/text.ts'
import { Facts } from '../../pipeline/facts.ts'
import { readStudy, studyInvalid } from '../../study/parse.ts'
import { simulatedHeader, simulatedListeners, simulatedStudyText } from '../../study/simulated.ts'
import type { SimulateArgument } from '../engineHandle.ts'

/**
 * Writes the file of a new study, of listeners to be simulated on what the subjects of another heard.
 * @param target the new file
 * @returns volumes of each listener's runs: those of the subject whose runs they hear, where the recordings can be read
 * @throws HeschlError STUDY_INVALID; OPTION_INVALID where another study is in the way, or recordings are of electrodes or voxels
 */
export async function deriveStudy(
  { study: source, subjects: count }: NonNullable<SimulateArgument['from']>,
  target: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { study, problems } = await readStudy(source)
  if (!study) throw studyInvalid(source, problems)
  if (study.subjects.some(({ recordings }) => recordings.some(({ tr }) => tr === undefined)))
    throw new HeschlError('OPTION_INVALID', 'Recordings of electrodes are not simulated', {
      where: { file: source },
      expected: 'recordings of a cortex, with a TR',
      found: 'recordings at a rate',
      remedy: 'Simulate on a study of fMRI',
    })
  if (study.surface === undefined)
    throw new HeschlError('OPTION_INVALID', 'Recordings of voxels are not simulated', {
      where: { file: source },
      expected: 'a study with a surface',
      found: 'scores of voxels',
      remedy: 'Sample the volumes on a surface: `volumes: {sample: depth}`',
    })
  if (study.models.length === 0)
    throw new HeschlError('OPTION_INVALID', 'A study without a model has nothing to plant', {
      where: { file: source },
      expected: 'a model in the study file',
      found: 'none',
      remedy: 'Add one under `models`',
    })
  if (existsSync(target) && !(await readText(target)).startsWith(simulatedHeader))
    throw new HeschlError('OPTION_INVALID', 'Another study is in the way', {
      where: { file: target },
      remedy: 'Choose another folder with --out',
    })
  const [from, to] = [dirname(source), dirname(target)]
  const slashes = (path: string) => path.split(sep).join('/')
  const moved = (path: string) => slashes(relative(to, resolve(from, path))) || '.'
  const text = simulatedStudyText(study, slashes(relative(to, source)), {
    moved,
    ...(count !== undefined && { count }),
  })
  await mkdir(to, { recursive: true })
  await writeFileAtomic(target, text)
  const facts = new Facts(from)
  const rule = await facts.rule(study).catch(() => undefined)
  const volumes = new Map<string, readonly number[]>()
  for (const { id, like } of simulatedListeners(study, count)) {
    const counts = await Promise.all(like.recordings.map((recording) => facts.volumes(recording, rule))).catch(
      () => undefined,
    )
    if (counts) volumes.set(id, counts)
  }
  return volumes
}
