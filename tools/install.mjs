/** Installs what is missing, once: `npm ci` under a lock, with failures told in words. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { missingPackages } from './installed.mjs'
import { withLock } from './lock.mjs'
import { findNode24, root } from './node24.mjs'

/** A failure told to the user as it is, without a stack trace. */
export class SetUpError extends Error {}

/**
 * Makes `node_modules` what `package-lock.json` says, and says nothing when it is so already.
 *
 * @returns {Promise<string>} the path of Node 24
 * @throws {SetUpError}
 */
export async function ensureInstalled() {
  if (!isInstalled()) {
    const waiting = () => console.error('Another command is installing; waiting for it…')
    await withLock(join(root, '.cache', 'install.lock'), waiting, async (hold) => {
      if (isInstalled()) return
      console.error('Installing what is missing (once, about a minute)…')
      await runNpm(hold)
      const missing = missingPackages(root)
      if (missing.length > 0) {
        throw new SetUpError(`npm finished, but these packages did not arrive: ${missing.join(', ')}. ${again}`)
      }
      console.error('Installed.')
    })
  }
  const node = findNode24()
  if (node) return node
  throw new SetUpError(
    `Heschl runs under Node 24, and npm has none for ${process.platform} ${process.arch}. ` +
      `Install Node 24 from https://nodejs.org and run the same command with it (this is Node ${process.versions.node}).`,
  )
}

const again = 'Run the same command again to go on.'

function isInstalled() {
  return missingPackages(root).length === 0
}

/** @param {(pid: number) => void} hold @returns {Promise<void>} */
async function runNpm(hold) {
  // Windows cannot delete a program that runs, and this may be the Node that `npm ci` would delete with the rest.
  const ownNode = process.platform === 'win32' && process.execPath.startsWith(join(root, 'node_modules'))
  const options = ['--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund']
  const child = startNpm([...(ownNode ? ['install', '--no-save'] : ['ci']), ...options])
  if (child.pid) hold(child.pid)
  let output = ''
  child.stdout?.on('data', (chunk) => (output += chunk))
  child.stderr?.on('data', (chunk) => (output += chunk))
  const failure = await new Promise((resolve) => {
    child.on('error', (error) => resolve(`npm could not be started: ${error.message}`))
    child.on('close', (code, signal) => resolve(code === 0 ? '' : `npm stopped with ${signal ?? `code ${code}`}`))
  })
  if (failure) throw new SetUpError(explain(failure, output))
}

/** npm itself, by the Node that runs it: `npm test` names both; else whichever npm is on the path. */
/** @param {string[]} args */
function startNpm(args) {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env
  if (cli?.endsWith('npm-cli.js')) return spawn(node ?? process.execPath, [cli, ...args], { cwd: root })
  const windows = process.platform === 'win32'
  return spawn(windows ? 'npm.cmd' : 'npm', args, { cwd: root, shell: windows })
}

/** @type {readonly (readonly [RegExp, string])[]} */
const causes = [
  [/ENOSPC|EDQUOT/, 'The disk is full: the packages need about 900 MB.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'The npm registry cannot be reached. Check the connection, or name a mirror: npm config set registry ADDRESS',
  ],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_/,
    "The registry's certificate is not trusted: npm config set cafile FILE",
  ],
  [/E404|ETARGET|E403|E401/, 'The npm registry refused a package, or does not have it.'],
  [/EINTEGRITY/, 'A package is not the one package-lock.json names. Empty the cache: npm cache clean --force'],
  [/EUSAGE/, 'package.json and package-lock.json disagree: run `npm install` and look at what it changes.'],
  [/EACCES|EPERM|EROFS|EBUSY/, 'A file cannot be written: check who owns this folder, and that no Heschl is open.'],
]

/**
 * @param {string} failure
 * @param {string} output what npm printed
 */
export function explain(failure, output) {
  const cause = causes.find(([pattern]) => pattern.test(output))?.[1]
  const last = output.trim().split('\n').slice(-15)
  return [
    `Installing failed: ${failure}.`,
    ...(cause ? [cause] : []),
    again,
    '',
    ...last.map((line) => `  ${line}`),
  ].join('\n')
}
