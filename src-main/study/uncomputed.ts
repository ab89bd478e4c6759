/** Values of options that have a name and are not computed: refused wherever they are asked for. */
import type { ResolvedEncoding } from './resolvedEncoding.ts'

type Refused = { readonly [Option in keyof ResolvedEncoding]?: (value: ResolvedEncoding[Option]) => boolean }

const refused: Refused = {
  solver: (solver) => solver !== 'ridge',
}

/** The options of an encoding model whose values are not computed. */
export function uncomputed(encoding: Partial<ResolvedEncoding>): readonly (keyof ResolvedEncoding)[] {
  const options = Object.keys(refused) as (keyof ResolvedEncoding)[]
  return options.filter((option) => {
    const is = refused[option] as ((value: unknown) => boolean) | undefined
    const value = encoding[option]
    return value !== undefined && is?.(value) === true
  })
}
