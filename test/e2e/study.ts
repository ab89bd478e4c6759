/** The small study with a folded surface that looks unlike the inflated one, so that a picture tells them apart. */
import { join } from 'node:path'
import { giftiSurface, writeGifti } from '../../src-main/formats/giftiWrite.ts'
import { icosphere } from '../../src-main/surfaces/icosphere.ts'
import { makeSmallStudy } from '../support/smallStudy.ts'

const level = 3
export const layers = ['conv4', 'transf0', 'transf4', 'transf7']

/** @returns the path of its study.yaml: 25 steps, half a minute on two busy cores */
export async function makeStudy(folder: string): Promise<string> {
  const { path } = await makeSmallStudy(folder, { runs: 2, seconds: 60, subjects: 2, level, layers })
  const { points, triangles } = icosphere(level)
  for (const [side, centre] of [
    ['left', -40],
    ['right', 40],
  ] as const) {
    const folded = new Float32Array(points.length)
    for (let at = 0; at < points.length; at += 3) {
      const [x, y, z] = [points[at], points[at + 1], points[at + 2]]
      const depth = 1 - 0.08 * Math.sin(9 * y) * Math.cos(8 * z)
      folded.set([centre + 28 * x * depth, 75 * y * depth, 50 * z * depth], at)
    }
    await writeGifti(join(folder, 'surface', `${side}.folded.gii`), giftiSurface(folded, triangles))
  }
  return path
}
