import { fileURLToPath } from 'node:url'

/**
 * The path of a process's or thread's entry module, next to this one: TypeScript when the sources run unbuilt,
 * JavaScript once electron-vite has bundled them.
 */
export function entryPath(name: 'engine' | 'worker' | 'providerCheck' | 'drawPage'): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url))
}
