/** What every part of the analysis is given. */
import type { Adjacency } from '../../../linalg/adjacency.ts'
import { adjacencyOf, besideEachOther } from '../../../linalg/adjacency.ts'
import type { Gemm } from '../../../linalg/gemm.ts'
import type { Matrix32, Matrix64 } from '../../../linalg/matrix.ts'
import type { PermutationHost } from '../../../statistics/permuted.ts'
import type { FigureOptions } from '../../../study/figures.ts'
import type { CorticalSurface } from '../../../surfaces/index.ts'
import { voxelNeighbours } from '../../../surfaces/voxelNeighbours.ts'
import { throwIfCancelled } from '../../context.ts'
import type { StepContext } from '../../context.ts'
import type { ChanceWords } from '../chance.ts'
import type { RegionSet } from '../regionScores.ts'
import type { Contrast } from './contrasts.ts'
import { counterpart } from './contrasts.ts'
import type { Group } from './groups.ts'
import type { RoleScores } from './roleScores.ts'

export interface Analysis {
  readonly options: FigureOptions['regimes']
  readonly held: RoleScores
  /** In the papers' order. */
  readonly roles: readonly string[]
  readonly groups: readonly Group[]
  readonly regions: RegionSet
  /** [subjects, regions] of each role, and of the supervised models' counterpart: scores above chance, as `held` has them. */
  readonly byRegion: ReadonlyMap<string, Matrix64>
  /** What chance is, in words (chance.ts). */
  readonly chanceWords: ChanceWords
  /** Of the vertices; left out where no test needs it. */
  readonly mesh: Adjacency | null
  readonly gemm: Gemm
}

/** Both hemispheres, without an edge between them; of voxels those that share a face. */
export function meshOf({ left, right, voxels }: CorticalSurface): Adjacency {
  if (voxels) return voxelNeighbours(voxels)
  const [one, other] = [left, right].map(({ triangles, labels }) => adjacencyOf(triangles, labels.length))
  return besideEachOther(one, other)
}

const byVertex = (held: RoleScores, role: string): Matrix32 =>
  role === counterpart ? held.counterpart! : held.above.get(role)!

/** Both sides of a contrast, by vertex, above chance; null for chance itself. */
export const vertexSides = ({ held }: Analysis, { higher, lower }: Contrast) => ({
  higher: byVertex(held, higher),
  lower: lower === null ? null : byVertex(held, lower),
})

/** Roles that a subject of a group has. */
export function rolesIn({ roles, byRegion }: Analysis, { rows }: Group): readonly string[] {
  return roles.filter((role) => {
    const { data, cols } = byRegion.get(role)!
    return rows.some((row) => data.subarray(row * cols, (row + 1) * cols).some(Number.isFinite))
  })
}

/** Both sides of a contrast, by region, above chance; null for chance itself. */
export const regionSides = ({ byRegion }: Analysis, { higher, lower }: Contrast) => ({
  higher: byRegion.get(higher)!,
  lower: lower === null ? null : byRegion.get(lower)!,
})

/** A part of the whole's progress, from one share of it to another. */
export const between = (context: StepContext, from: number, to: number): StepContext => ({
  ...context,
  progress: ({ fraction }) => context.progress({ fraction: from + fraction * (to - from) }),
})

/** Products of the tests and resamples; between batches it lets itself be stopped. */
export const hostOf = (gemm: Gemm, context: StepContext): PermutationHost => ({
  gemm,
  progress: (done, total) => {
    throwIfCancelled(context)
    context.progress({ fraction: done / total })
  },
})
