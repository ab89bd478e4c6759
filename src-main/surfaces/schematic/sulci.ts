/** Where the named sulci of the schematic cortex run: control points near the surface, brought onto it. */
import type { Random } from '../../linalg/random.ts'
import type { Point } from './shape.ts'

interface Sulcus {
  /** How strongly it is imposed on the folding; 1 is a primary sulcus. */
  readonly strength: number
  readonly path: readonly Point[]
}

/** Axes as in `shape.ts`: x lateral, y anterior, z superior, millimetres. */
export const sulci = {
  sylvian: {
    strength: 0.7,
    path: [
      [38, 22, -22],
      [52, 12, -8],
      [62, -8, 4],
      [66, -30, 11],
      [68, -50, 23],
    ],
  },
  central: {
    strength: 1.2,
    path: [
      [4, -32, 78],
      [22, -28, 74],
      [36, -18, 64],
      [48, -16, 52],
      [57, -6, 36],
      [64, -4, 14],
    ],
  },
  precentral: {
    strength: 0.8,
    path: [
      [22, -8, 74],
      [38, 2, 60],
      [52, 8, 40],
      [60, 12, 10],
    ],
  },
  postcentral: {
    strength: 0.8,
    path: [
      [24, -46, 72],
      [42, -38, 62],
      [58, -30, 42],
      [66, -24, 22],
    ],
  },
  superiorFrontal: {
    strength: 0.7,
    path: [
      [26, -4, 70],
      [26, 20, 62],
      [24, 40, 52],
      [20, 60, 36],
    ],
  },
  inferiorFrontal: {
    strength: 0.7,
    path: [
      [56, 10, 32],
      [50, 28, 24],
      [40, 46, 16],
      [28, 62, 8],
    ],
  },
  intraparietal: {
    strength: 0.9,
    path: [
      [52, -40, 52],
      [42, -56, 52],
      [32, -74, 44],
      [26, -90, 30],
    ],
  },
  superiorTemporal: {
    strength: 1.1,
    path: [
      [52, 12, -36],
      [64, -2, -24],
      [68, -22, -14],
      [70, -42, -6],
      [66, -60, 8],
      [58, -68, 26],
    ],
  },
  inferiorTemporal: {
    strength: 0.6,
    path: [
      [52, -6, -44],
      [60, -26, -34],
      [62, -48, -24],
      [54, -70, -10],
    ],
  },
  lateralOccipital: {
    strength: 0.6,
    path: [
      [52, -74, 6],
      [36, -94, 4],
    ],
  },
  orbital: {
    strength: 0.5,
    path: [
      [16, 58, -14],
      [18, 30, -22],
    ],
  },
  collateral: {
    strength: 0.8,
    path: [
      [28, 4, -36],
      [26, -30, -36],
      [28, -62, -26],
    ],
  },
  cingulate: {
    strength: 1.1,
    path: [
      [2, 34, -8],
      [2, 47, 8],
      [2, 42, 28],
      [2, 22, 42],
      [2, -10, 46],
      [2, -36, 50],
      [2, -46, 70],
    ],
  },
  callosal: {
    strength: 0.9,
    path: [
      [2, 26, -4],
      [2, 33, 10],
      [2, 26, 24],
      [2, 4, 30],
      [2, -24, 29],
      [2, -42, 18],
      [2, -44, 6],
    ],
  },
  parietoOccipital: {
    strength: 1.1,
    path: [
      [2, -58, 14],
      [2, -70, 34],
      [6, -82, 50],
    ],
  },
  calcarine: {
    strength: 1.1,
    path: [
      [2, -50, 4],
      [2, -74, 4],
      [4, -100, 6],
    ],
  },
} satisfies Record<string, Sulcus>

export type SulcusName = keyof typeof sulci

/** Millimetres between the samples of a traced sulcus. */
const SPACING = 1.5

/**
 * Every sulcus as points [samples, 3] on the surface; its control points are moved by up to about `jitter`
 * millimetres, so that two hemispheres differ as two hemispheres do.
 */
export function traceSulci(points: Float64Array, random: Random, jitter: number): Map<SulcusName, Float64Array> {
  const traced = new Map<SulcusName, Float64Array>()
  for (const [name, { path }] of Object.entries(sulci)) {
    const moved = path.map((point) => point.map((value) => value + jitter * random.normal()))
    traced.set(name as SulcusName, onSurface(sampleCurve(moved), points))
  }
  return traced
}

/** A Catmull–Rom curve through `path`, sampled evenly enough. */
function sampleCurve(path: readonly (readonly number[])[]): number[][] {
  const samples: number[][] = []
  for (let i = 0; i + 1 < path.length; i++) {
    const [before, from, to, after] = [
      path[Math.max(0, i - 1)],
      path[i],
      path[i + 1],
      path[Math.min(path.length - 1, i + 2)],
    ]
    const length = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2])
    const steps = Math.ceil(length / SPACING)
    for (let step = 0; step < steps + Number(i + 2 === path.length); step++) {
      const t = step / steps
      samples.push([0, 1, 2].map((axis) => catmullRom(before[axis], from[axis], to[axis], after[axis], t)))
    }
  }
  return samples
}

const catmullRom = (a: number, b: number, c: number, d: number, t: number) =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))

/** Each sample's nearest vertex position. */
function onSurface(samples: readonly number[][], points: Float64Array): Float64Array {
  const result = new Float64Array(samples.length * 3)
  samples.forEach(([x, y, z], s) => {
    let best = 0
    let bestDistance = Infinity
    for (let i = 0; i < points.length; i += 3) {
      const distance = (points[i] - x) ** 2 + (points[i + 1] - y) ** 2 + (points[i + 2] - z) ** 2
      if (distance < bestDistance) [best, bestDistance] = [i, distance]
    }
    result.set(points.subarray(best, best + 3), s * 3)
  })
  return result
}

/** Millimetres from each vertex to the nearest sample, straight through space; `beyond` for what is farther. */
export function distanceToSulcus(points: Float64Array, sulcus: Float64Array, beyond: number): Float64Array {
  const distances = new Float64Array(points.length / 3).fill(beyond)
  for (let v = 0; v < distances.length; v++) {
    let best = beyond * beyond
    const [x, y, z] = [points[v * 3], points[v * 3 + 1], points[v * 3 + 2]]
    for (let s = 0; s < sulcus.length; s += 3) {
      const dx = sulcus[s] - x
      if (dx > beyond || dx < -beyond) continue
      best = Math.min(best, dx * dx + (sulcus[s + 1] - y) ** 2 + (sulcus[s + 2] - z) ** 2)
    }
    distances[v] = Math.sqrt(best)
  }
  return distances
}
