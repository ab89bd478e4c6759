import { HeschlError } from '../errors.ts'
import type { Matrix32 } from '../linalg/matrix.ts'
import { zeros32 } from '../linalg/matrix.ts'

export interface RobustRange {
  /** Percentiles whose distance is the scale: 0 to 100, ascending. */
  readonly from: number
  readonly to: number
}

/** As scikit-learn's `_handle_zeros_in_scale` for float64: a smaller distance counts as none. */
const noDistance = 10 * Number.EPSILON

/**
 * Each column less its median, over the distance between two percentiles, in units in which that distance is a normal
 * distribution's: scikit-learn's `RobustScaler(quantile_range=(from, to), unit_variance=True)` (1.9, preprocessing/
 * _data.py), percentiles interpolated linearly as numpy does. A column whose percentiles coincide is centred and
 * divided by 1 in those units, as there.
 *
 * scikit-learn takes the range in per cent: (0.01, 0.99) of the released code of Millet et al. 2022 is the distance
 * between the 0.01st and the 0.99th percentile, both in the lower tail.
 *
 * @param x [n_samples, n_columns]
 * @returns [n_samples, n_columns]; a column with a value that is not finite is NaN throughout
 * @throws HeschlError OPTION_INVALID
 */
export function robustScaleColumns(x: Matrix32, { from, to }: RobustRange): Matrix32 {
  if (!(from > 0 && from < to && to < 100)) {
    throw new HeschlError('OPTION_INVALID', 'The percentiles to scale by are out of range', {
      expected: 'two ascending percentiles between 0 and 100',
      found: `${from} and ${to}`,
      remedy: 'They are per cent: 1 and 99 leave one sample in a hundred at each end',
    })
  }
  const { data, rows, cols } = x
  const out = zeros32(rows, cols)
  const unit = normalQuantile(to / 100) - normalQuantile(from / 100)
  const sorted = new Float64Array(rows)
  for (let c = 0; c < cols; c++) {
    let finite = true
    for (let i = 0; i < rows; i++) {
      sorted[i] = data[i * cols + c]
      if (!Number.isFinite(sorted[i])) finite = false
    }
    if (!finite) {
      for (let i = 0; i < rows; i++) out.data[i * cols + c] = NaN
      continue
    }
    sorted.sort()
    const centre = percentile(sorted, 50)
    const distance = percentile(sorted, to) - percentile(sorted, from)
    const scale = (distance < noDistance ? 1 : distance) / unit
    for (let i = 0; i < rows; i++) out.data[i * cols + c] = (data[i * cols + c] - centre) / scale
  }
  return out
}

/** numpy's `percentile`, method `linear`. */
function percentile(sorted: Float64Array, percent: number): number {
  const at = (percent / 100) * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}

/**
 * The standard normal distribution's quantile, to 1e-15 of itself: Wichura's AS 241, PPND16 (Applied Statistics 37,
 * 1988, 477).
 */
function normalQuantile(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(central.a, r)) / polynomial(central.b, r)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p))
  const { a, b } = r <= 5 ? middle : far
  const value = polynomial(a, r - (r <= 5 ? 1.6 : 5)) / polynomial(b, r - (r <= 5 ? 1.6 : 5))
  return q < 0 ? -value : value
}

const polynomial = (coefficients: readonly number[], x: number) => coefficients.reduceRight((sum, c) => sum * x + c, 0)

const central = {
  a: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  b: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852546,
  ],
}
const middle = {
  a: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  b: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
}
const far = {
  a: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  b: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
}
