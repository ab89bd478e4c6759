import type { Finding } from '../../contract/findings.ts'

/** A finding before it is told where it is from. */
export type FindingResult = Omit<Finding, 'figure' | 'notice' | 'measure' | 'provenance'>
