/** What `volumes`, `resample` and the recordings say of each other. Works on the raw value. */
import { error, maxFindings } from './finding.ts'
import type { Finding } from './finding.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

type Raw = Readonly<Record<string, unknown>>

interface RawRecording {
  readonly path: KeyPath
  readonly value: Raw
}

const isMap = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A volume is one file of fMRI; voxels need a mask and no surface, sampling a surface that is somewhere and the options of
 * its kind; a parcellation in space is of voxels.
 */
export function checkVolumes(study: Raw, recordings: readonly RawRecording[]): readonly Finding[] {
  const { volumes, resample, surface, parcellation } = study
  const spatial = isMap(parcellation) && 'volume' in parcellation
  if (!isMap(volumes)) {
    const findings: Finding[] = [...checkOwnMasks(study, recordings)]
    if (spatial)
      findings.push(
        error(
          ['parcellation'],
          'A parcellation in space is of voxels',
          'Give labels of vertices, or `volumes: {mask: …}`',
        ),
      )
    const electric = recordings.find(({ value }) => 'rate' in value)
    if (isMap(resample) && electric)
      findings.push(error(['resample'], '`resample` is of a cortex, and recordings are of electrodes', 'Remove it'))
    return findings
  }
  return [
    ...(isMap(resample)
      ? [error(['resample'], '`volumes` and `resample` exclude each other', 'Sample on the surface that you want')]
      : []),
    ...('sample' in volumes ? checkSampling(volumes, surface, spatial) : checkVoxels(volumes, surface, parcellation)),
    ...recordings.flatMap(checkRecording).slice(0, maxFindings),
  ]
}

/** Masks of recordings and of subjects are of volumes. */
function checkOwnMasks({ subjects }: Raw, recordings: readonly RawRecording[]): readonly Finding[] {
  const ofSubjects = (Array.isArray(subjects) ? subjects : []).flatMap((value: unknown, index) =>
    isMap(value) ? [{ path: ['subjects', index], value }] : [],
  )
  return [...ofSubjects, ...recordings]
    .filter(({ value }) => 'mask' in value)
    .slice(0, maxFindings)
    .map(({ path }) => {
      const at = [...path, 'mask']
      const message = `\`${pathText(at)}\` is of volumes, and the study does not say that recordings are`
      return error(at, message, 'Add `volumes: {sample: depth}` or `volumes: {mask: …}`, or remove it')
    })
}

function checkSampling(volumes: Raw, surface: unknown, spatial: boolean): readonly Finding[] {
  const { sample } = volumes
  const own: Readonly<Record<string, readonly string[]>> = {
    radius: ['line', 'ball'],
    points: ['depth', 'line'],
    depths: ['depth', 'line'],
  }
  const misplaced = Object.entries(own).flatMap(([option, kinds]) => {
    if (volumes[option] === undefined || typeof sample !== 'string' || kinds.includes(sample)) return []
    const message = `\`volumes.${option}\` is an option of \`sample: ${kinds.join('` and `')}\``
    return [error(['volumes', option], message, `Remove \`${option}\``)]
  })
  return [
    ...misplaced,
    ...(volumes['points'] !== undefined && volumes['depths'] !== undefined
      ? [error(['volumes', 'depths'], '`points` and `depths` exclude each other', 'Keep one of them')]
      : []),
    ...(surface === 'schematic'
      ? [
          error(
            ['surface'],
            'The schematic cortex is nowhere in the brain: volumes cannot be sampled on it',
            'Name a template or a subject’s surface: `heschl template add` says how',
          ),
        ]
      : []),
    ...(spatial
      ? [error(['parcellation'], 'A parcellation in space is of voxels', 'Give one of the surface’s vertices')]
      : []),
  ]
}

function checkVoxels(volumes: Raw, surface: unknown, parcellation: unknown): readonly Finding[] {
  const findings: Finding[] = []
  if (volumes['mask'] === undefined) {
    const remedy = 'Add `mask:` with a NIfTI mask to score voxels, or `sample: depth` to sample on the surface'
    findings.push(error(['volumes'], '`volumes` has neither `mask` nor `sample`', remedy))
    return findings
  }
  for (const option of ['interpolation', 'radius', 'points', 'depths'])
    if (volumes[option] !== undefined)
      findings.push(
        error(['volumes', option], `\`volumes.${option}\` needs \`sample\``, 'Add `sample: depth`, or remove it'),
      )
  if (surface !== undefined) {
    const message = 'Scores are of voxels, which have no `surface`'
    findings.push(error(['surface'], message, 'Remove it, or add `sample: depth` to `volumes`'))
  }
  if (parcellation !== undefined && !(isMap(parcellation) && 'volume' in parcellation)) {
    const message = 'Scores are of voxels, and this parcellation is of vertices'
    findings.push(error(['parcellation'], message, 'Give `{volume: atlas.nii.gz, names: atlas.tsv}`'))
  }
  return findings
}

function checkRecording({ path, value }: RawRecording): readonly Finding[] {
  if ('rate' in value) {
    const message = `\`${pathText(path)}\` is of electrodes, and \`volumes\` says that recordings are volumes`
    return [error(path, message, 'Make them two studies')]
  }
  if (!isMap(value['data'])) return []
  const at = [...path, 'data']
  return [error(at, `\`${pathText(at)}\` has a file a hemisphere, and a volume is one file`, 'Name the NIfTI file')]
}
