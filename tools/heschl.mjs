#!/usr/bin/env node
/** The `heschl` command: installs what is missing, then runs the command line under Node 24. */
import { run } from './commands.mjs'

process.exitCode = await run(['heschl', ...process.argv.slice(2)])
