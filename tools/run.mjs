/** What the npm scripts call: `node tools/run.mjs demo`. */
import { run } from './commands.mjs'

process.exitCode = await run(process.argv.slice(2))
