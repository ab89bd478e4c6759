/** Regions of interest: named groups of a parcellation's labels, as a study file gives them or as the paper's. */
import { z } from 'zod'
import { error } from './finding.ts'
import type { Finding } from './finding.ts'
import { similar } from './similar.ts'
import { pathText } from './words.ts'

const label = z.string().min(1).max(200)

/** Name -> labels. */
export const regionsSchema = z.record(z.string().min(1).max(100), z.array(label).min(1).max(1000))

export interface RegionGroup {
  readonly name: string
  readonly labels: readonly string[]
}

interface Atlas {
  readonly name: string
  readonly groups: Readonly<Record<string, readonly string[]>>
}

/**
 * The regions of Millet et al. (2022), figure 2B. Its labels are Destrieux's, the lists from memory of the paper
 * (docs/study.md says so); those of the others are what comes nearest in them.
 */
const atlases: readonly Atlas[] = [
  {
    name: 'Destrieux',
    groups: {
      'A1/A2': ['G_temp_sup-G_T_transv', 'S_temporal_transverse'],
      STG: ['G_temp_sup-Lateral'],
      STS: ['S_temporal_sup'],
      IFG: ['G_front_inf-Opercular', 'G_front_inf-Triangul'],
      motor: ['G_precentral'],
    },
  },
  {
    name: 'Desikan–Killiany',
    groups: {
      'A1/A2': ['transversetemporal'],
      STG: ['superiortemporal'],
      STS: ['bankssts'],
      IFG: ['parsopercularis', 'parstriangularis'],
      motor: ['precentral'],
    },
  },
  {
    name: 'the schematic cortex',
    groups: { 'A1/A2': ['A1/A2'], STG: ['STG'], STS: ['STS'], IFG: ['IFG'], motor: ['motor'] },
  },
]

export interface Regions {
  readonly groups: readonly RegionGroup[]
  /** Where they are from: "the study file", "Millet et al. (2022) on labels of Destrieux", "each label by itself". */
  readonly from: string
}

/**
 * A study's regions; without any the paper's where the atlas is known by its labels, else every label by itself.
 * @param written the study file's `regions`
 * @param labels names of the surface's regions, the first of which is outside all
 */
export function regionsOf(
  written: Readonly<Record<string, readonly string[]>> | undefined,
  labels: readonly string[],
): Regions {
  const listed = (groups: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(groups).map(([name, own]) => ({ name, labels: own.flatMap((one) => matching(one, labels)) }))
  if (written !== undefined) return { groups: listed(written), from: 'the study file' }
  const known = atlases.find(({ groups }) =>
    Object.values(groups)
      .flat()
      .every((one) => matching(one, labels).length > 0),
  )
  if (known) return { groups: listed(known.groups), from: `Millet et al. (2022) on labels of ${known.name}` }
  const groups = labels.slice(1).map((name) => ({ name, labels: [name] }))
  return { groups, from: 'each label of the parcellation by itself' }
}

/** Some files name a hemisphere before the label: `L_precentral`, `lh.precentral`, `ctx-rh-precentral`. */
const hemisphere = /^(ctx[-_ ])?[lr]h?[-_. ](?=\S)/i

function matching(wanted: string, labels: readonly string[]): readonly string[] {
  const inside = labels.slice(1)
  if (inside.includes(wanted)) return [wanted]
  return inside.filter((name) => name.replace(hemisphere, '') === wanted)
}

/** Labels that the parcellation does not have, each with what was probably meant. */
export function checkRegions(
  written: Readonly<Record<string, readonly string[]>> | undefined,
  labels: readonly string[],
): readonly Finding[] {
  return Object.entries(written ?? {}).flatMap(([name, own]) =>
    own.flatMap((one, index) => {
      if (matching(one, labels).length > 0) return []
      const path = ['regions', name, index]
      if (labels.length < 2)
        return [error(path, `\`${pathText(path)}\`: the surface has no parcellation`, 'Name one under `parcellation`')]
      const meant = similar(one, labels.slice(1))
      const question = meant === undefined ? '' : `; did you mean "${meant}"?`
      const message = `\`${pathText(path)}\`: the parcellation has no label "${one}"${question}`
      return [error(path, message, `It has ${labels.slice(1).join(', ')}`)]
    }),
  )
}
