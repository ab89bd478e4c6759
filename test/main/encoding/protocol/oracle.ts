/** The reference answers of test/reference/encoding/protocol; what each field is stands in generate.py. */
import { readFileSync } from 'node:fs'
import type { Fold } from '../../../../src-main/encoding/folds.ts'
import type { EncodingOptions } from '../../../../src-main/encoding/protocol/options.ts'
import type { Matrix32 } from '../../../../src-main/linalg/matrix.ts'

export type RunScaling = 'none' | 'per-run' | `robust ${number} ${number}`

export interface ProtocolCase {
  readonly name: string
  readonly says: string
  readonly options: EncodingOptions
  readonly runX: RunScaling
  readonly runY: RunScaling
  /** [folds, targets] */
  readonly r: Float64Array
  readonly r2: Float64Array
  /** [targets] */
  readonly rAll: Float64Array
  readonly r2All: Float64Array
  /** [folds, columns] */
  readonly alpha: Uint8Array
  /** [folds, columns, alphas] */
  readonly gap: Float64Array
  /** [features, targets] */
  readonly weights: Float64Array
}

/** As generate.py writes it; the arrays are base64. */
interface Stored extends Record<'r' | 'r2' | 'r_all' | 'r2_all' | 'alpha' | 'gap' | 'weights', string> {
  readonly says: string
  readonly options: Omit<EncodingOptions, 'folds' | 'selection'> & {
    readonly runX: RunScaling
    readonly runY: RunScaling
    readonly folds: readonly (readonly number[] | Fold)[]
    readonly selection: 'leave-one-out' | 'runs' | { readonly kfold: number }
  }
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../reference/encoding/protocol/${name}`, import.meta.url), 'utf8'))
const stored = read('protocol.json')
const apart = read('gap.json')
const bytes = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, 'base64')).buffer
const rows = (stored.runs as number[]).reduce((a, b) => a + b, 0)

export const runs: readonly number[] = stored.runs
export const x: Matrix32 = { data: new Float32Array(bytes(stored.x)), rows, cols: stored.p }
export const y: Matrix32 = { data: new Float32Array(bytes(stored.y)), rows, cols: stored.targets }

export const protocolCases = (): ProtocolCase[] =>
  Object.entries<Stored>({ ...stored.cases, ...apart.cases }).map(([name, { says, options, ...arrays }]) => {
    const { runX, runY, folds, selection, ...rest } = options
    const numbers = (key: keyof typeof arrays) => new Float64Array(bytes(arrays[key]))
    return {
      ...{ name, says, runX, runY },
      options: {
        ...rest,
        // Two numbers are the ends of a stretch.
        folds: folds.map((fold) => ('length' in fold && fold.length === 2 ? { start: fold[0], end: fold[1] } : fold)),
        selection: selection === 'runs' ? { runs } : selection,
        weights: true,
      },
      ...{ r: numbers('r'), r2: numbers('r2'), rAll: numbers('r_all'), r2All: numbers('r2_all') },
      ...{ alpha: new Uint8Array(bytes(arrays.alpha)), gap: numbers('gap'), weights: numbers('weights') },
    }
  })
