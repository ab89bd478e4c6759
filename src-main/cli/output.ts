/** Where a command's words go: its result to stdout, everything said on the way to stderr. */
import { harmless } from './format.ts'

export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Output {
  readonly json: boolean
  readonly stderr: TextStream
  /** The result for people, on stdout; silent under --json. */
  say(text: string): void
  /** The result for programs, one JSON document on stdout; silent without --json. NaN becomes null. */
  document(value: unknown): void
  /** Something to know while it works, on stderr. */
  note(text: string): void
}

/** Runs a command with its output and keeps its exit code. */
export type Runner = (json: boolean, command: (output: Output) => Promise<number>) => Promise<void>

export function createOutput(json: boolean, stdout: TextStream, stderr: TextStream): Output {
  return {
    json,
    stderr,
    say: (text) => void (json || stdout.write(`${harmless(text)}\n`)),
    document: (value) => void (json && stdout.write(`${JSON.stringify(value, null, 2)}\n`)),
    note: (text) => void stderr.write(`${harmless(text)}\n`),
  }
}
