/** A process that answers one line of JSON with another. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Lines {
  /** @returns what the process answers */
  ask<Answer>(request: object): Promise<Answer>
  close(): void
  /** Settles when the process has ended; fails unless it ended well. */
  readonly ended: Promise<void>
}

/** @param settings of the environment, beside this process's own */
export function startLines(
  command: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Lines {
  const child = spawn(command, args, { env: { ...process.env, ...settings }, stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}`))
    })
  })
  return {
    ended,
    async ask<Answer>(request: object): Promise<Answer> {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`${command} ${args.join(' ')} ended without an answer`)
      return JSON.parse(value) as Answer
    },
    close: () => void child.stdin.end(),
  }
}
