/** Paths to what a MATLAB file holds, as MATLAB writes them: `runs{2}.data`, `s(3).responses`; counted from 1. */
import { HeschlError } from '../../errors.ts'

export type MatStep =
  { readonly kind: 'field'; readonly name: string } | { readonly kind: 'cell' | 'element'; readonly index: number }

const longest = 1000

/** @throws HeschlError OPTION_INVALID */
export function parseMatPath(path: string, file: string): readonly MatStep[] {
  const steps: MatStep[] = []
  const pattern = /(?:^|[./])([A-Za-z]\w*)|\{(\d{1,9})\}|\((\d{1,9})\)/y
  const text = path.replace(/^\//, '').slice(0, longest)
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    const index = Number(found?.[2] ?? found?.[3] ?? 1)
    if (!found || index < 1)
      throw new HeschlError('OPTION_INVALID', 'This does not name a variable of a MATLAB file', {
        where: { file },
        expected: 'a name, as data, runs{2}.data or s(3).responses, counted from 1',
        found: path.slice(0, 100),
      })
    if (found[1] !== undefined) steps.push({ kind: 'field', name: found[1] })
    else steps.push({ kind: found[2] === undefined ? 'element' : 'cell', index: index - 1 })
  }
  return steps
}

/** The steps so far, in words for an error. */
export const matPathText = (steps: readonly MatStep[]) =>
  steps
    .map((step, i) => {
      if (step.kind === 'field') return `${i === 0 ? '' : '.'}${step.name}`
      return step.kind === 'cell' ? `{${step.index + 1}}` : `(${step.index + 1})`
    })
    .join('')
