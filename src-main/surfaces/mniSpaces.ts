/**
 * MNI305, which fsaverage is in, and MNI152, which most volumes are in: FreeSurfer's linear registration of the two
 * (`average/mni152.register.dat`), as its wiki publishes it (https://surfer.nmr.mgh.harvard.edu/fswiki/CoordinateSystems,
 * from a point in MNI305 to one in MNI152), to four digits. No linear transform is exact between two averages of different
 * people; Wu et al. (2018, doi:10.1002/hbm.24213) have a nonlinear one.
 */

/** Millimetres: right, anterior, superior. */
export type Point = readonly [x: number, y: number, z: number]

/** The upper three rows, from MNI305 to MNI152. */
const [[a, b, c, x], [d, e, f, y], [g, h, i, z]] = [
  [0.9975, -0.0073, 0.0176, -0.0429],
  [0.0146, 1.0009, -0.0024, 1.5496],
  [-0.013, -0.0093, 0.9971, 1.184],
] as const

export const toMni152 = ([r, u, s]: Point): Point => [
  a * r + b * u + c * s + x,
  d * r + e * u + f * s + y,
  g * r + h * u + i * s + z,
]

/** The inverse, by Cramer's rule. */
export function toMni305([r, u, s]: Point): Point {
  const [p, q, t] = [r - x, u - y, s - z]
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  return [
    (p * (e * i - f * h) - b * (q * i - f * t) + c * (q * h - e * t)) / determinant,
    (a * (q * i - f * t) - p * (d * i - f * g) + c * (d * t - q * g)) / determinant,
    (a * (e * t - q * h) - b * (d * t - q * g) + p * (d * h - e * g)) / determinant,
  ]
}
