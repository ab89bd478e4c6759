import { readFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'

let known: Readonly<Record<string, string>> | undefined

/** Heschl's version, from package.json, which lies beside the sources and in the packaged application alike. */
function heschlVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

/** What computed a result: recorded with it, not part of its key. */
export function versions(): Readonly<Record<string, string>> {
  known ??= {
    heschl: heschlVersion(),
    node: process.versions.node,
    machine: `${platform()} ${arch()}, ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
  }
  return known
}
