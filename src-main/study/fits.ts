/** Whether a recording fits the surface it is drawn on and the audio it was made with. Pure. */
import type { Finding } from './finding.ts'
import { secondsPerSample } from './schema.ts'
import type { Recording } from './schema.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

export interface HemisphereCounts {
  /** The surface's name, for messages. */
  readonly name: string
  readonly left: number
  readonly right: number
}

/** Vertices a hemisphere of templates in common use, to name what a file was probably made for. */
const templates: Readonly<Record<number, string>> = {
  642: 'fsaverage3',
  2_562: 'fsaverage4',
  10_242: 'fsaverage5',
  32_492: 'fs_LR 32k',
  40_962: 'fsaverage6',
  163_842: 'fsaverage',
}

/** A functional file has as many vertices as its hemisphere, or as both, left before right. */
export function checkVertices(
  path: KeyPath,
  file: string,
  shape: { readonly volumes: number; readonly vertices: number },
  hemisphere: 'left' | 'right' | 'both',
  surface: HemisphereCounts,
): readonly Finding[] {
  const expected = hemisphere === 'both' ? surface.left + surface.right : surface[hemisphere]
  if (shape.vertices === expected) return []
  const part = hemisphere === 'both' ? 'both hemispheres' : `the ${hemisphere} hemisphere`
  const message =
    `\`${pathText(path)}\`: ${file} has ${count(shape.vertices)} vertices, ` +
    `but ${part} of ${surface.name} ${hemisphere === 'both' ? 'have' : 'has'} ${count(expected)}`
  return [
    { severity: 'error', path, part: 'value', message, remedy: vertexRemedy(shape, expected, hemisphere, surface) },
  ]
}

function vertexRemedy(
  { volumes, vertices }: { readonly volumes: number; readonly vertices: number },
  expected: number,
  hemisphere: 'left' | 'right' | 'both',
  surface: HemisphereCounts,
): string {
  if (volumes === expected) return 'The array looks transposed: make it [volumes, vertices]'
  if (hemisphere === 'both' && (vertices === surface.left || vertices === surface.right)) {
    return 'This is one hemisphere: give `data: {left: …, right: …}`'
  }
  if (hemisphere !== 'both' && vertices === surface.left + surface.right) {
    return 'This file has both hemispheres: give it as `data: FILE`'
  }
  const made = templates[vertices] ?? (vertices % 2 === 0 ? templates[vertices / 2] : undefined)
  if (made !== undefined) return `The file fits ${made}: make that the study's \`surface\`, or resample the file`
  return 'Give a file made for this surface, or the surface it was made for'
}

/**
 * The volumes must reach the audio's end, with up to one TR of slack; more of them are fine.
 *
 * @param seconds the audio's length
 */
export function checkCoverage(
  path: KeyPath,
  recording: Recording,
  volumes: number,
  seconds: number,
): readonly Finding[] {
  const { stimulus, start } = recording
  const tr = secondsPerSample(recording)
  const end = start + seconds
  if (end <= 0) {
    const message = `\`${pathText(path)}\`: "${stimulus}" ends ${tidy(-end)} s before the first volume`
    return [{ severity: 'error', path, part: 'value', message, remedy: 'Correct `start`' }]
  }
  // A rounding error of the division must not ask for one more volume.
  const needed = Math.ceil(end / tr - 1 - 1e-9)
  if (volumes >= needed) return []
  const message =
    `\`${pathText(path)}\`: fewer volumes than the audio needs: ${volumes} volumes of ${tr} s last ` +
    `${tidy(volumes * tr)} s, but "${stimulus}" ends at ${tidy(end)} s and needs at least ${needed}`
  const remedy = 'Check that the file belongs to this stimulus, and `tr` and `start`'
  return [{ severity: 'error', path, part: 'value', message, remedy }]
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function tidy(seconds: number): string {
  return String(Math.round(seconds * 100) / 100)
}
