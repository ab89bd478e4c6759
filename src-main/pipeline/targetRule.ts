/** How a recording's own values become the study's targets, where they are not the same. */
import { resolve } from 'node:path'
import { HeschlError } from '../errors.ts'
import { locate } from '../surfaces/index.ts'
import type { SurfaceFiles } from '../surfaces/index.ts'
import { samplingDefaults } from '../surfaces/sampling/locations.ts'
import type { SamplingOptions } from '../surfaces/sampling/locations.ts'
import type { ResampleMethod } from '../surfaces/sampling/spheres.ts'
import { isOfVoxels } from '../study/volumesSchema.ts'
import type { Study } from '../study/schema.ts'

interface Sides<T> {
  readonly left: T
  readonly right: T
}

/** Plain data; absolute paths. */
export type TargetRule =
  | {
      readonly kind: 'voxels'
      readonly mask: string
      /** Of one recording: voxels outside it have no value. */
      readonly own?: string
    }
  | {
      readonly kind: 'sampled'
      readonly options: SamplingOptions
      readonly meshes: Sides<{ readonly outer: string; readonly inner?: string }>
      readonly mask?: string
    }
  | {
      readonly kind: 'resampled'
      readonly method: ResampleMethod
      readonly spheres: Sides<{ readonly from: string; readonly to: string }>
      /** Vertices of the mesh that recordings are of, both hemispheres together: for the memory that reading takes. */
      readonly sources?: number
    }

/**
 * @param base the study file's folder
 * @returns undefined where recordings are of the targets themselves
 * @throws HeschlError FILE_MISSING where a surface has no such file
 */
export function targetRuleOf(
  { surface, volumes, resample }: Pick<Study, 'surface' | 'volumes' | 'resample'>,
  base: string,
): TargetRule | undefined {
  if (volumes !== undefined) {
    if (isOfVoxels(volumes)) return { kind: 'voxels', mask: resolve(base, volumes.mask) }
    const { sample, interpolation, radius, points, depths, mask } = volumes
    const { left, right } = locate(surface!, base)
    const mesh = ({ folded, white }: SurfaceFiles['left']) => ({
      outer: folded,
      ...(white !== undefined && white !== folded && { inner: white }),
    })
    return {
      kind: 'sampled',
      options: {
        ...samplingDefaults,
        ...(sample !== undefined && { kind: sample }),
        ...(interpolation !== undefined && { interpolation }),
        ...(radius !== undefined && { radius }),
        ...(points !== undefined && { samples: points }),
        ...(depths !== undefined && { depths }),
      },
      meshes: { left: mesh(left), right: mesh(right) },
      ...(mask !== undefined && { mask: resolve(base, mask) }),
    }
  }
  return resample && { kind: 'resampled', method: resample.method, spheres: spheresOf(resample.from, surface!, base) }
}

const nameOf = (surface: unknown) => (typeof surface === 'string' ? surface : 'the files that are named')

/** Templates that have spheres of their own are not in register with those of the other family. */
const family = (name: unknown) => /^(fsaverage|fs_LR)/.exec(typeof name === 'string' ? name : '')?.[1]

function spheresOf(
  from: string | Sides<string>,
  surface: NonNullable<Study['surface']>,
  base: string,
): Sides<{ readonly from: string; readonly to: string }> {
  if (surface === 'schematic')
    throw new HeschlError('OPTION_INVALID', 'Recordings cannot be resampled to the schematic cortex', {
      expected: 'a surface with a sphere that others are registered with',
      found: 'schematic',
      remedy: 'Name a template or a subject’s surface',
    })
  const named = { from: nameOf(from), to: nameOf(surface) }
  if (family(from) !== undefined && family(surface) !== undefined && family(from) !== family(surface))
    throw new HeschlError('OPTION_INVALID', 'The spheres of these two templates are not registered with each other', {
      expected: 'two templates of one family, or spheres in register',
      found: `${named.from} and ${named.to}`,
      remedy:
        'Name the one’s sphere deformed to the other, as HCP’s fs_LR-deformed_to-fsaverage, under `resample.from`',
    })
  const to = locate(surface, base)
  const own = typeof from === 'string' ? locate(from, base) : undefined
  const side = (name: 'left' | 'right') => {
    const [source, target] = [own ? own[name].sphere : resolve(base, (from as Sides<string>)[name]), to[name].sphere]
    if (source !== undefined && target !== undefined) return { from: source, to: target }
    const bare = source === undefined ? named.from : named.to
    throw new HeschlError('FILE_MISSING', `There is no sphere of ${bare} to resample through`, {
      where: { hemisphere: name },
      expected: 'a registered sphere: sphere.reg_left.gii.gz, sphere_left.gii.gz, surf/lh.sphere.reg',
      found: 'none',
      remedy: 'Add it to the template’s folder, or name it under `surface` as `sphere`',
    })
  }
  return { left: side('left'), right: side('right') }
}

/**
 * A study's rule for one of its recordings.
 * @param mask the recording's own, absolute: in place of the study's where volumes are sampled, and within it where scores
 *   are of its voxels
 */
export function ruleWithMask(rule: TargetRule, mask: string | undefined): TargetRule {
  if (mask === undefined || rule.kind === 'resampled') return rule
  return rule.kind === 'voxels' ? { ...rule, own: mask } : { ...rule, mask }
}

/** Files that a rule reads, whose content its results depend on. */
export function filesOfRule(rule: TargetRule): readonly string[] {
  if (rule.kind === 'voxels') return [rule.mask, ...(rule.own === undefined ? [] : [rule.own])]
  if (rule.kind === 'resampled') return [rule.spheres.left, rule.spheres.right].flatMap(({ from, to }) => [from, to])
  const inner = rule.options.kind === 'depth'
  const meshes = [rule.meshes.left, rule.meshes.right].flatMap((mesh) => [
    mesh.outer,
    ...(inner && mesh.inner !== undefined ? [mesh.inner] : []),
  ])
  return [...meshes, ...(rule.mask === undefined ? [] : [rule.mask])]
}

/** What a rule does beside its files. */
export function nameOfRule(rule: TargetRule): unknown {
  if (rule.kind === 'voxels') return { kind: rule.kind, ...(rule.own !== undefined && { own: true }) }
  return rule.kind === 'resampled' ? { kind: rule.kind, method: rule.method } : { rule: rule.kind, ...rule.options }
}
