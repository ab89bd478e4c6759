/** Recordings of electrodes at a rate beside recordings of a cortex at a TR. Works on the raw value. */
import { resolveEncoding } from './encoding.ts'
import { encodingSchema } from './encodingSchema.ts'
import { error, maxFindings } from './finding.ts'
import type { Finding } from './finding.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

type Raw = Readonly<Record<string, unknown>>

export interface RawRecording {
  readonly path: KeyPath
  readonly value: Raw
}

/**
 * A recording has `tr`, or `rate` with `electrodes` and one array; a study has recordings of one kind; a haemodynamic
 * response is of blood, not of electrodes.
 */
export function checkElectrodes(encoding: Raw, recordings: readonly RawRecording[]): readonly Finding[] {
  const findings = recordings.flatMap(checkKeys)
  const electric = recordings.filter(({ value }) => 'rate' in value)
  const first = electric.at(0)
  if (!first) return findings.slice(0, maxFindings)
  const other = recordings.find(({ value }) => !('rate' in value) && 'tr' in value)
  if (other) {
    const message = `\`${pathText(other.path)}\` is of a cortex at a TR, and \`${pathText(first.path)}\` of electrodes at a rate`
    findings.push(error(other.path, message, 'Make them two studies: their scores have no targets in common'))
  }
  const tables = new Map<unknown, unknown>()
  for (const { path, value } of electric) {
    const subject = path[1]
    const before = tables.get(subject) ?? value['electrodes']
    tables.set(subject, before)
    if (value['electrodes'] === before) continue
    const message = `\`${pathText(path)}\` names other electrodes than the subject’s first recording`
    findings.push(error([...path, 'electrodes'], message, 'Bring recordings of the same channels, in one order'))
  }
  findings.push(...checkChannels(electric))
  const checked = encodingSchema.safeParse(encoding)
  if (checked.success) {
    const { hrf } = resolveEncoding(checked.data)
    if (hrf !== 'none' && !(typeof hrf === 'object' && 'lags' in hrf)) {
      const at: KeyPath = 'hrf' in encoding ? ['encoding', 'hrf'] : first.path
      const message = `\`encoding.hrf\` is a response of blood, and \`${pathText(first.path)}\` is of electrodes`
      findings.push(error(at, message, 'Set `hrf: {lags: {from: 0, to: 0.39}}` (seconds) or `none`, or `preset: trf`'))
    }
  }
  return findings.slice(0, maxFindings)
}

/** All of a subject's recordings have a table of channels, or none. */
function checkChannels(electric: readonly RawRecording[]): readonly Finding[] {
  return [...Map.groupBy(electric, ({ path }) => path[1]).values()].flatMap((own) => {
    const without = own.filter(({ value }) => !('channels' in value))
    if (without.length === 0 || without.length === own.length) return []
    const message = `\`${pathText(without[0].path)}\` has no \`channels\`, which other recordings of the subject have`
    return [error(without[0].path, message, 'Give every recording its channels.tsv, or none')]
  })
}

function checkKeys({ path, value }: RawRecording): Finding[] {
  const name = `\`${pathText(path)}\``
  const [tr, rate] = ['tr' in value, 'rate' in value]
  if (tr && rate)
    return [
      error(
        [...path, 'rate'],
        `${name} has both \`tr\` and \`rate\``,
        'Keep `tr` (seconds) for fMRI, `rate` (Hz) for electrodes',
      ),
    ]
  if (!tr && !rate)
    return [
      error(
        path,
        `${name}: \`tr\` is missing`,
        'Add `tr:` with the seconds between volumes, or `rate:` in Hz for electrodes',
      ),
    ]
  const electrodes = 'electrodes' in value
  if ('channels' in value && !electrodes)
    return [
      error([...path, 'channels'], `${name} has \`channels\` and no \`electrodes\``, 'Add `electrodes:` and `rate:`'),
    ]
  if (tr && electrodes)
    return [
      error(
        [...path, 'electrodes'],
        `${name} has \`electrodes\` and no \`rate\``,
        'Give `rate:` in Hz instead of `tr`',
      ),
    ]
  if (rate && !electrodes)
    return [
      error(path, `${name} has \`rate\` and no \`electrodes\``, 'Add `electrodes:` with the table of its channels'),
    ]
  const { data } = value
  if (rate && typeof data !== 'string')
    return [
      error(
        [...path, 'data'],
        `\`${pathText([...path, 'data'])}\` is not one array`,
        'Give one array [samples, channels]: NPY, NPZ, HDF5, MATLAB or Parquet',
      ),
    ]
  return []
}
