/**
 * The schematic parcellation: every vertex of the unfolded hemisphere goes to the region whose seeds are nearest.
 * Boundaries are drawn, not measured; names are those of the regions in Millet et al. 2022 and of textbook anatomy.
 */
import type { Adjacency } from '../mesh.ts'
import type { Region } from '../types.ts'
import type { Point } from './shape.ts'
import type { SulcusName } from './sulci.ts'

interface Parcel extends Region {
  /** Points the region grows from, axes as in `shape.ts`. */
  readonly seeds: readonly Point[]
}

const parcels: readonly Parcel[] = [
  {
    name: 'A1/A2',
    colour: [214, 58, 48],
    seeds: [
      [50, -16, 0],
      [52, -24, 3],
      [58, -20, 0],
    ],
  },
  {
    name: 'STG',
    colour: [238, 128, 56],
    seeds: [
      [56, 6, -18],
      [63, -8, -10],
      [65, -24, -4],
      [66, -38, 4],
      [65, -48, 11],
    ],
  },
  { name: 'STS', colour: [244, 188, 66], seeds: [] },
  {
    name: 'MTG',
    colour: [176, 196, 84],
    seeds: [
      [56, 0, -32],
      [64, -20, -22],
      [66, -40, -14],
      [63, -56, -6],
    ],
  },
  {
    name: 'ITG',
    colour: [112, 168, 92],
    seeds: [
      [48, -4, -42],
      [56, -26, -38],
      [58, -48, -28],
      [52, -64, -20],
    ],
  },
  {
    name: 'temporal pole',
    colour: [148, 138, 72],
    seeds: [
      [42, 20, -32],
      [50, 16, -28],
    ],
  },
  {
    name: 'fusiform',
    colour: [92, 148, 128],
    seeds: [
      [38, -14, -40],
      [40, -40, -36],
      [38, -62, -28],
    ],
  },
  {
    name: 'parahippocampal',
    colour: [70, 130, 150],
    seeds: [
      [16, -10, -24],
      [14, -34, -26],
      [26, 0, -34],
    ],
  },
  {
    name: 'insula',
    colour: [196, 160, 120],
    seeds: [
      [40, 8, -6],
      [44, 0, -1],
      [36, 14, -12],
    ],
  },
  {
    name: 'IFG',
    colour: [186, 78, 142],
    seeds: [
      [58, 14, 10],
      [54, 24, 6],
      [50, 32, 4],
      [57, 16, 22],
    ],
  },
  {
    name: 'orbitofrontal',
    colour: [148, 108, 176],
    seeds: [
      [36, 36, -16],
      [20, 34, -22],
      [26, 52, -12],
      [12, 20, -20],
    ],
  },
  {
    name: 'DLPFC',
    colour: [110, 104, 190],
    seeds: [
      [46, 26, 38],
      [40, 42, 28],
      [32, 56, 14],
      [48, 14, 46],
    ],
  },
  {
    name: 'superior frontal',
    colour: [88, 128, 206],
    seeds: [
      [12, 12, 72],
      [12, 32, 62],
      [12, 52, 42],
      [8, 66, 20],
      [2, 56, 30],
      [2, 30, 58],
    ],
  },
  {
    name: 'premotor',
    colour: [96, 164, 216],
    seeds: [
      [20, 0, 72],
      [36, 8, 60],
      [50, 8, 44],
      [3, -2, 66],
    ],
  },
  { name: 'motor', colour: [54, 120, 168], seeds: [] },
  { name: 'somatosensory', colour: [64, 172, 168], seeds: [] },
  {
    name: 'superior parietal',
    colour: [104, 196, 164],
    seeds: [
      [22, -56, 66],
      [30, -62, 60],
      [18, -74, 54],
      [42, -46, 58],
    ],
  },
  {
    name: 'supramarginal',
    colour: [156, 208, 148],
    seeds: [
      [64, -36, 30],
      [60, -42, 40],
      [64, -46, 28],
    ],
  },
  {
    name: 'angular',
    colour: [200, 218, 130],
    seeds: [
      [58, -62, 28],
      [50, -68, 40],
      [52, -72, 24],
    ],
  },
  {
    name: 'lateral occipital',
    colour: [176, 110, 90],
    seeds: [
      [50, -78, 8],
      [42, -88, -4],
      [34, -94, 12],
      [32, -88, 28],
      [20, -100, 0],
    ],
  },
  {
    name: 'cuneus',
    colour: [150, 84, 84],
    seeds: [
      [3, -80, 22],
      [5, -90, 22],
      [10, -92, 34],
    ],
  },
  {
    name: 'lingual',
    colour: [122, 72, 96],
    seeds: [
      [4, -70, -8],
      [6, -86, -10],
      [16, -64, -22],
    ],
  },
  {
    name: 'precuneus',
    colour: [132, 160, 120],
    seeds: [
      [3, -54, 40],
      [3, -60, 54],
      [3, -66, 46],
      [3, -52, 26],
    ],
  },
  {
    name: 'posterior cingulate',
    colour: [170, 150, 176],
    seeds: [
      [2, -28, 38],
      [2, -44, 26],
      [2, -10, 37],
    ],
  },
  {
    name: 'anterior cingulate',
    colour: [136, 120, 160],
    seeds: [
      [2, 38, 14],
      [2, 32, 30],
      [2, 14, 36],
      [2, 36, -4],
    ],
  },
  {
    name: 'medial frontal',
    colour: [160, 170, 214],
    seeds: [
      [3, 54, 4],
      [3, 46, -12],
      [3, 20, -16],
    ],
  },
]

/** `regions[0]`, the medial wall, is outside every region: no cortex. */
export const schematicRegions: readonly Region[] = [
  { name: 'medial wall', colour: [128, 128, 128] },
  ...parcels.map(({ name, colour }) => ({ name, colour })),
]

const indexOf = (name: string) => schematicRegions.findIndex((region) => region.name === name)

/**
 * 0 deep in the medial wall (where callosum, thalamus and brain stem leave no cortex), 1 on cortex, rising over the
 * wall's rim. The wall ends at 0.5.
 */
export function cortexShare(x: number, y: number, z: number): number {
  if (x > 16) return 1
  const radius = Math.hypot((y + 6) / 36, (z - (y > -6 ? 7 : 5)) / (z > 7 ? 19 : 24))
  return Math.min(1, Math.max(0, (radius - 0.85) / 0.3))
}

/**
 * @param points [vertices, 3] of the unfolded hemisphere
 * @param sulcus millimetres from each vertex to the named sulcus
 * @param traced the central sulcus as points [samples, 3]
 * @returns uint16 [vertices]: index into `schematicRegions`
 */
export function labelVertices(
  points: Float64Array,
  adjacency: Adjacency,
  sulcus: (name: SulcusName) => Float64Array,
  traced: Float64Array,
): Uint16Array {
  const central = sulcus('central')
  const temporal = sulcus('superiorTemporal')
  const labels = new Uint16Array(points.length / 3)
  for (let v = 0; v < labels.length; v++) {
    const [x, y, z] = [points[v * 3], points[v * 3 + 1], points[v * 3 + 2]]
    if (cortexShare(x, y, z) < 0.5) continue
    labels[v] = nearest(x, y, z)
    // Strips along a sulcus follow it, rather than points
    if (temporal[v] < 5.2) labels[v] = indexOf('STS')
    if (central[v] < 11 && x > 3) labels[v] = indexOf(isBeforeCentral(x, y, z, traced) ? 'motor' : 'somatosensory')
  }
  return majority(majority(labels, adjacency), adjacency)
}

/** Whether a vertex lies before the nearest point of the central sulcus, which runs down and forwards. */
function isBeforeCentral(x: number, y: number, z: number, central: Float64Array): boolean {
  let ahead = 0
  let bestDistance = Infinity
  for (let s = 0; s < central.length; s += 3) {
    const distance = (central[s] - x) ** 2 + (central[s + 1] - y) ** 2 + (central[s + 2] - z) ** 2
    if (distance < bestDistance) {
      bestDistance = distance
      ahead = y - central[s + 1] + 0.44 * (z - central[s + 2])
    }
  }
  return ahead > 0
}

function nearest(x: number, y: number, z: number): number {
  let best = 0
  let bestDistance = Infinity
  parcels.forEach(({ seeds }, p) => {
    for (const seed of seeds) {
      const distance = (seed[0] - x) ** 2 + (seed[1] - y) ** 2 + (seed[2] - z) ** 2
      if (distance < bestDistance) [best, bestDistance] = [p + 1, distance]
    }
  })
  return best
}

/** Each vertex takes the label that most of its neighbours and itself have: removes specks and rounds corners. */
function majority(labels: Uint16Array, { offsets, neighbours }: Adjacency): Uint16Array {
  return labels.map((own, v) => {
    // The wall's rim is exact, because the simulation is silent within it
    if (own === 0) return 0
    const counts = new Map([[own, 1]])
    for (let n = offsets[v]; n < offsets[v + 1]; n++) {
      const label = labels[neighbours[n]]
      if (label !== 0) counts.set(label, (counts.get(label) ?? 0) + 1)
    }
    let best = own
    for (const [label, count] of counts) if (count > counts.get(best)!) best = label
    return best
  })
}
