/** How files of a BIDS derivative are called: pairs of an entity and a label in BIDS's order, a suffix, an ending. Pure. */
import type { HemisphereLetter } from '../../formats/writeMaps.ts'

/** Letters and digits alone, as BIDS has labels: `w2v-en` is `w2vEn`. */
export const labelOf = (text: string): string =>
  text
    .normalize('NFKD')
    .split(/[^A-Za-z0-9]+/)
    .map((part, i) => (i === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('') || 'x'

/**
 * A label for each of several names, all different: later ones that would be the same have a number.
 * @param entity that stands before the label, and is not part of it: `sub` of `sub-01`
 */
export function labelsOf(names: readonly string[], entity = ''): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  const taken = new Set<string>()
  for (const name of names) {
    const plain = labelOf(entity !== '' && name.startsWith(`${entity}-`) ? name.slice(entity.length + 1) : name)
    let label = plain
    // Names of files are the same on some systems whatever their letters' case
    for (let i = 2; taken.has(label.toLowerCase()); i++) label = `${plain}${i}`
    taken.add(label.toLowerCase())
    labels.set(name, label)
  }
  return labels
}

export interface MapEntities {
  /** Left out: of several subjects. */
  readonly subject?: string
  readonly space: string
  /** What the numbers are: `r`, `p`, `bestlayer`. `stat` and the suffix `statmap` are FitLins's words. */
  readonly stat: string
  /** Of what: a model, a contrast. */
  readonly desc?: string
}

/** From the data set's folder, with "/"; without an ending. */
export function mapName({ subject, space, stat, desc }: MapEntities, hemisphere?: HemisphereLetter): string {
  const parts = [
    ...(subject === undefined ? [] : [`sub-${subject}`]),
    ...(hemisphere === undefined ? [] : [`hemi-${hemisphere}`]),
    `space-${space}`,
    `stat-${stat}`,
    ...(desc === undefined ? [] : [`desc-${desc}`]),
    'statmap',
  ]
  return `${subject === undefined ? 'group' : `sub-${subject}/func`}/${parts.join('_')}`
}
