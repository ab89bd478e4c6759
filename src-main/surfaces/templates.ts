/** Templates: the cortices that a study names, in the user's data folder. Nothing is fetched: people add what they have. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

interface Template {
  /** Of a hemisphere. */
  readonly vertices: number
  readonly about: string
  /** Names of its folder elsewhere: FreeSurfer's, nilearn's. */
  readonly folders: readonly string[]
  /** Words in the names of files by which its resolution is told from others in one folder. */
  readonly marks: readonly RegExp[]
}

const fsaverage = (level: number, vertices: number, density: string, ...folders: readonly string[]): Template => ({
  vertices,
  // When it is asked for: Node's words for numbers take longer to load than all else that this file does.
  get about() {
    return `FreeSurfer's fsaverage, ${vertices.toLocaleString('en')} vertices a hemisphere`
  },
  folders: [`fsaverage${level}`, ...folders],
  marks: [new RegExp(`tpl-fsaverage_.*den-${density}_`)],
})

const fsLr = (vertices: number, density: string): Template => ({
  vertices,
  get about() {
    return `HCP's fs_LR, ${vertices.toLocaleString('en')} vertices a hemisphere`
  },
  folders: [`fsLR_${density}`, `fs_LR_${density}`, 'standard_mesh_atlases'],
  marks: [new RegExp(`${density}[._]fs_LR|fs_LR[._-]?${density}|tpl-fsLR_.*den-${density}_`)],
})

/** Known templates, by the name that a study gives. */
export const templates: ReadonlyMap<string, Template> = new Map([
  ['fsaverage3', fsaverage(3, 642, '642')],
  ['fsaverage4', fsaverage(4, 2562, '3k')],
  ['fsaverage5', fsaverage(5, 10_242, '10k')],
  ['fsaverage6', fsaverage(6, 40_962, '41k')],
  ['fsaverage7', fsaverage(7, 163_842, '164k', 'fsaverage')],
  ['fs_LR_32k', fsLr(32_492, '32k')],
  ['fs_LR_59k', fsLr(59_292, '59k')],
  ['fs_LR_164k', fsLr(163_842, '164k')],
])

/** FreeSurfer calls its finest form `fsaverage`. */
export const templateName = (name: string): string => (name === 'fsaverage' ? 'fsaverage7' : name)

/** Where templates are kept: `HESCHL_DATA_DIR`, or the system's folder for a user's data. */
export function templatesDirectory(env: NodeJS.ProcessEnv = process.env, home: string = homedir()): string {
  return join(dataDirectory(env, home), 'templates')
}

function dataDirectory(env: NodeJS.ProcessEnv, home: string): string {
  if (env['HESCHL_DATA_DIR']) return env['HESCHL_DATA_DIR']
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Heschl')
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'Heschl')
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'heschl')
}

/** The folder of a template that is there; undefined where it is not, or is no template's name. */
export function templateFolder(name: string): string | undefined {
  const known = templateName(name)
  const folder = join(templatesDirectory(), known)
  return templates.has(known) && existsSync(folder) ? folder : undefined
}

export interface TemplateState {
  readonly name: string
  readonly about: string
  readonly vertices: number
  /** Where it is, and where it was added from; absent where it is not there. */
  readonly folder?: string
  readonly source?: string
}

/** All known templates, and which of them are there. */
export function listTemplates(): readonly TemplateState[] {
  return [...templates].map(([name, { about, vertices }]) => {
    const folder = templateFolder(name)
    return { name, about, vertices, ...(folder === undefined ? {} : { folder, ...sourceOf(folder) }) }
  })
}

function sourceOf(folder: string): { source?: string } {
  try {
    const record = JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as { source?: unknown }
    return typeof record.source === 'string' ? { source: record.source } : {}
  } catch {
    return {}
  }
}

/** What was added from where, with checksums, beside a template's files. */
export const recordName = 'template.json'
