import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** Screenshots and exported figures, for people to look at; not part of the repository. */
export const artifacts = join(root, 'test', 'artifacts')
mkdirSync(artifacts, { recursive: true })
