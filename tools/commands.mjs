/**
 * What `npm run demo`, `npm test` and the other npm scripts call: installs what is missing, builds the window where the
 * command needs it, then runs the command under Node 24. Plain JavaScript that Node 20 runs, with no dependencies.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, isBuilt } from './build.mjs'
import { ensureInstalled, SetUpError } from './install.mjs'
import { root } from './node24.mjs'

/**
 * @typedef {object} Command
 * @property {string[]} [script] the file to run, relative to the repository, and its first arguments
 * @property {(args: string[]) => boolean} [needsWindow] whether the window must be built first
 * @property {true} [whereTyped] runs in the folder the user typed it in, not in the repository
 */

const sources = 'src-main/cli/main.ts'
const bundle = 'out/main/cli.js'

/** @type {Readonly<Record<string, Command>>} */
const commands = {
  test: { script: ['tools/test.mjs'] },
  demo: { script: [sources, 'demo'], needsWindow: () => true, whereTyped: true },
  heschl: {
    script: [sources],
    needsWindow: (args) => ['demo', 'open', 'serve'].includes(args[0] ?? '') && !args.includes('--help'),
    whereTyped: true,
  },
  bench: { script: ['tools/bench.mjs'] },
  build: { needsWindow: () => true },
  dev: { script: ['node_modules/electron-vite/bin/electron-vite.js', 'dev'] },
  format: { script: ['node_modules/prettier/bin/prettier.cjs', '--write', '.'] },
}

/**
 * @param {string[]} argv the command's name and its arguments
 * @returns {Promise<number>} the exit code
 */
export async function run([name = '', ...args]) {
  const command = commands[name]
  if (!command) {
    console.error(`Unknown command "${name}". There is: ${Object.keys(commands).join(', ')}.`)
    return 2
  }
  try {
    const node = await ensureInstalled()
    if (command.needsWindow?.(args)) await ensureBuilt(node)
    return command.script
      ? await runUnder(node, built(command.script), args, command.whereTyped ? typedIn(name) : root)
      : 0
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error
    console.error(error.message)
    return 1
  }
}

/** The command line starts in half the time from its bundle, where that is of the present sources. @param {string[]} script */
function built([file = '', ...first]) {
  return [file === sources && isBuilt() ? bundle : file, ...first]
}

/** npm runs scripts in the repository's folder, and tells where the user is. @param {string} name */
function typedIn(name) {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env
  return (script === name && folder) || process.cwd()
}

/** @param {string} node @param {string[]} script @param {string[]} args @param {string} cwd @returns {Promise<number>} */
function runUnder(node, [file = '', ...first], args, cwd) {
  const options = ['--disable-warning=ExperimentalWarning', join(root, file), ...first, ...args]
  // What Node makes of the sources is kept: the command line, its engine and its threads start in half the time.
  const env = { NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'), ...process.env }
  const child = spawn(node, options, { cwd, stdio: 'inherit', env })
  // Ctrl-C reaches the child by itself, and what it means is the child's to say; a plain kill is passed on.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
