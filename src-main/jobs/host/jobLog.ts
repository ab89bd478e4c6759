/** Lines of a job: the newest in memory, all of them in a text file that only grows. */
import { appendFile, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { JobLine } from '../../contract/work.ts'
import { HeschlError } from '../../errors.ts'

/** A study of hundreds of subjects has tens of thousands of steps; a person reads the last of them. */
const mostLines = 5000
const mostBytes = 1024 * 1024

export class JobLog {
  readonly #file: string
  #lines: JobLine[] = []
  #left = 0
  #unwritten: JobLine[] = []
  #writing: Promise<void> = Promise.resolve()
  #broken = false

  /** @param file made with the first line; its folder too */
  constructor(file: string) {
    this.#file = file
  }

  /** Lines in order; the first of them tells how many are in the file alone. */
  get lines(): readonly JobLine[] {
    if (this.#left === 0) return this.#lines
    const text = `${this.#left} earlier lines are in ${this.#file}`
    return [{ at: this.#lines[0]?.at ?? 0, text }, ...this.#lines]
  }

  add(line: JobLine): void {
    this.#keep(line)
    if (this.#broken) return
    this.#unwritten.push(line)
    if (this.#unwritten.length === 1) this.#writing = this.#writing.then(() => this.#write())
  }

  /** Once what was added so far is in the file, or cannot be. */
  written(): Promise<void> {
    return this.#writing
  }

  #keep(line: JobLine): void {
    this.#lines.push(line)
    if (this.#lines.length <= mostLines) return
    const gone = this.#lines.length - mostLines
    this.#lines = this.#lines.slice(gone)
    this.#left += gone
  }

  async #write(): Promise<void> {
    const lines = this.#unwritten
    this.#unwritten = []
    try {
      await mkdir(dirname(this.#file), { recursive: true })
      await appendFile(this.#file, lines.map(written).join(''))
    } catch (error) {
      // A full disk must not stop a job, nor hide what it says: the window still has the lines.
      this.#broken = true
      const { summary } = HeschlError.from(error)
      this.#keep({ at: Date.now(), text: `From here on this log is not kept: ${summary.toLowerCase()}` })
    }
  }
}

const written = ({ at, text }: JobLine): string => `${new Date(at).toISOString()}\t${text.replace(/\r?\n/g, '\n\t')}\n`

/** What an earlier Heschl has kept of a job: at most the last of it; nothing where the file is gone. */
export async function readLog(file: string): Promise<readonly JobLine[]> {
  const handle = await open(file, 'r').catch(() => null)
  if (handle === null) return []
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - mostBytes)
    const bytes = new Uint8Array(size - start)
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
    const lines = new TextDecoder().decode(bytes.subarray(0, bytesRead)).split('\n')
    return parsed(start > 0 ? lines.slice(1) : lines)
  } finally {
    await handle.close()
  }
}

/** A line that begins with a tab goes on with the one before; what is neither is left out: a write may have been cut off. */
function parsed(rows: readonly string[]): JobLine[] {
  const lines: JobLine[] = []
  for (const row of rows) {
    const last = lines.at(-1)
    const tab = row.indexOf('\t')
    const at = Date.parse(row.slice(0, Math.max(0, tab)))
    if (tab === 0 && last) lines[lines.length - 1] = { ...last, text: `${last.text}\n${row.slice(1)}` }
    else if (tab > 0 && Number.isFinite(at)) lines.push({ at, text: row.slice(tab + 1) })
  }
  return lines
}
