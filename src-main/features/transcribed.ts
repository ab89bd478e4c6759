/** Feature spaces that are computed from a stimulus's words or phones, by the name that a study file gives them. */
import { articulationOf, articulatoryFeatures } from './articulation.ts'
import type { FrameWriter } from './frames.ts'
import { phoneOf } from './phones.ts'
import { onsetFrames, rateFrames, shareFrames } from './tokens.ts'
import type { TimedToken } from './tokens.ts'

/** One feature a unit every 10 ms (frames.ts). */
export interface TranscribedSpace {
  readonly transcript: 'words' | 'phones'
  /** What its units are, in words, for people. */
  readonly source: string
  /** @param inventory the phones of all stimuli (phones.ts) */
  readonly units: (inventory: readonly string[]) => number
  readonly frames: (tokens: readonly TimedToken[], inventory: readonly string[]) => FrameWriter
}

export type TranscribedName = 'word-rate' | 'word-onset' | 'phones' | 'articulatory'

export const transcribedSpaces: Readonly<Record<TranscribedName, TranscribedSpace>> = {
  'word-rate': {
    transcript: 'words',
    source: 'words a second, in a window of 1 s, 10 ms hop',
    units: () => 1,
    frames: rateFrames,
  },
  'word-onset': {
    transcript: 'words',
    source: 'word onsets, 10 ms hop',
    units: () => 1,
    frames: onsetFrames,
  },
  phones: {
    transcript: 'phones',
    source: 'phones without stress, one unit each, as the share of a frame that they take up, 10 ms hop',
    units: (inventory) => inventory.length,
    frames: (tokens, inventory) => {
      const unit = new Map(inventory.map((phone, i) => [phone, [i]]))
      return shareFrames(tokens, (text) => unit.get(phoneOf(text)) ?? [], inventory.length)
    },
  },
  articulatory: {
    transcript: 'phones',
    source: `articulatory features of phones (${articulatoryFeatures.join(', ')}), as the share of a frame, 10 ms hop`,
    units: () => articulatoryFeatures.length,
    frames: (tokens) => shareFrames(tokens, (text) => articulationOf(text) ?? [], articulatoryFeatures.length),
  },
}
