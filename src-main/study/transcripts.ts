/** Whether a transcript fits its audio and what is to be made from it. Pure. */
import type { Finding } from './finding.ts'
import { listed, pathText, shown } from './words.ts'
import type { KeyPath } from './words.ts'

/** What is known of a transcript that could be read. */
export interface TranscriptFacts {
  /** Words or phones, without silences. */
  readonly tokens: number
  /** Seconds from the audio's first sample at which the first and the last of them begin. */
  readonly firstOnset: number
  readonly lastOnset: number
  /** Labels that are not phones of ARPAbet or IPA; empty for words. */
  readonly unknownPhones: readonly string[]
}

/** Labels told by name; a file in another alphabet has dozens of them. */
const mostNamed = 8

/**
 * @param seconds the audio's length; undefined where it could not be read
 * @param articulatory whether a space needs to know how phones are articulated
 */
export function checkTranscript(
  path: KeyPath,
  file: string,
  { tokens, firstOnset, lastOnset, unknownPhones }: TranscriptFacts,
  seconds: number | undefined,
  articulatory: boolean,
): readonly Finding[] {
  const kind = String(path.at(-1))
  const error = (message: string, remedy: string): Finding => ({
    severity: 'error',
    path,
    part: 'value',
    message: `\`${pathText(path)}\`: ${file} ${message}`,
    remedy,
  })
  if (tokens === 0) return [error(`has no ${kind}`, 'Give the transcript of this audio, or leave it out')]
  const findings: Finding[] = []
  const fit = 'Check that the file belongs to this stimulus, and that its times are seconds from the start of the audio'
  if (firstOnset < 0) findings.push(error(`begins ${-firstOnset} s before the audio`, fit))
  if (seconds !== undefined && lastOnset >= seconds)
    findings.push(error(`has ${kind} that begin at ${lastOnset} s, but the audio ends at ${seconds} s`, fit))
  if (articulatory && unknownPhones.length > 0) {
    const more = unknownPhones.length > mostNamed ? ` and ${unknownPhones.length - mostNamed} more` : ''
    const labels =
      more === '' ? listed(unknownPhones.map(shown)) : unknownPhones.slice(0, mostNamed).map(shown).join(', ')
    const message = `has phones whose articulation is not known: ${labels}${more}`
    findings.push(error(message, 'Write phones in ARPAbet or IPA, one phone a row, or remove the articulatory space'))
  }
  return findings
}
