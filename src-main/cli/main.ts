#!/usr/bin/env node
/** The `heschl` command. */
import '../nativeEnvironment.ts'
import process from 'node:process'
import { CommanderError } from 'commander'
import { HeschlError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { version } from './installation.ts'
import { cancelledExit } from './interrupts.ts'
import { createOutput } from './output.ts'
import { createProgram } from './program.ts'

const usageExit = 2

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  let exit = 0
  const program = createProgram(version(), async (json, command) => {
    exit = await command(createOutput(json, process.stdout, process.stderr))
  })
  for (const each of [program, ...program.commands]) {
    each.exitOverride().showSuggestionAfterError().showHelpAfterError('(add --help for what there is)')
    // Under --json the document says it.
    if (json) each.configureOutput({ writeErr: () => undefined })
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      if (json) reportError(usageError(error), json)
      return usageExit
    }
    const known = HeschlError.from(error)
    reportError(known, json)
    return exitCode(known.code)
  }
}

function usageError(error: CommanderError): HeschlError {
  const summary = error.message.replace(/^error: /, '')
  return new HeschlError('OPTION_INVALID', summary, { remedy: 'Run `heschl --help`' })
}

/** A message for people or data for programs; never a stack trace, unless HESCHL_DEBUG asks for it. */
function reportError(error: HeschlError, json: boolean): void {
  const output = createOutput(json, process.stdout, process.stderr)
  if (json) output.document({ error: error.serialize() })
  else output.note(`heschl: ${error.message}`)
  if (process.env.HESCHL_DEBUG) console.error(error)
}

function exitCode(code: ErrorCode): number {
  switch (code) {
    case 'CANCELLED':
      return cancelledExit
    case 'OPTION_INVALID':
    case 'STUDY_INVALID':
      return usageExit
    default:
      return 1
  }
}

// A reader that has enough (`heschl plan study.yaml | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2))
