import { acousticSpaces } from '../features/acoustic.ts'
import type { Space } from '../study/schema.ts'

/** What is known of a feature space before it is computed. */
export interface SpaceDescription {
  /** What its units are, in words. */
  readonly source: string
  readonly units: number
}

export function describeSpace({ acoustic }: Space): SpaceDescription {
  const { source, units } = acousticSpaces[acoustic]
  return { source, units }
}
