import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { explain } from '../../../tools/install.mjs'

const root = join(import.meta.dirname, '../../..')

async function node(args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env } })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

describe('a clone that cannot install', () => {
  let clone: string
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'heschl-clone-'))
    for (const path of ['tools', 'package.json', 'package-lock.json', '.npmrc']) {
      cpSync(join(root, path), join(clone, path), { recursive: true })
    }
  })
  afterEach(() => rmSync(clone, { recursive: true, force: true, maxRetries: 5 }))

  test('is told why, what to do, and what npm said; it leaves no lock', async () => {
    const { code, output } = await node(['tools/run.mjs', 'test'], clone, {
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_cache: join(clone, 'empty-cache'),
      npm_config_fetch_retries: '0',
    })
    expect(output).toContain('Installing what is missing (once, about a minute)…')
    expect(output).toContain('The npm registry cannot be reached.')
    expect(output).toContain('Run the same command again to go on.')
    expect(output).toContain('ECONNREFUSED')
    expect(output).not.toContain('at async')
    expect(code).toBe(1)
    expect(existsSync(join(clone, '.cache', 'install.lock'))).toBe(false)
  })
})

test.each([
  ['npm error code ENOSPC', 'The disk is full'],
  ['npm error code EAI_AGAIN', 'cannot be reached'],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'certificate'],
  ['npm error code ETARGET', 'refused a package'],
  ['npm error code EINTEGRITY', 'npm cache clean'],
  ['npm error code EUSAGE', 'disagree'],
  ['npm error code EACCES', 'cannot be written'],
])('%s is explained', (output, said) => {
  expect(explain('npm stopped with code 1', output)).toContain(said)
})

test('a cause that is not known is not guessed', () => {
  expect(explain('npm stopped with code 9', 'something else')).toBe(
    'Installing failed: npm stopped with code 9.\nRun the same command again to go on.\n\n  something else',
  )
})

describe('commands', () => {
  test('an unknown one is answered with those there are', async () => {
    const { code, output } = await node(['tools/run.mjs', 'tset'], root)
    expect({ code, output }).toEqual({
      code: 2,
      output: 'Unknown command "tset". There is: test, demo, heschl, bench, build, dev, format.\n',
    })
  })

  test('npm test names its gates, and refuses one that is not there', async () => {
    const list = await node(['tools/test.mjs', '--list'], root)
    expect(list.output.split('\n').map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['types:main', 'types:renderer', 'lint', 'imports', 'unused', 'build', 'unit', 'e2e']),
    )
    const unknown = await node(['tools/test.mjs', '--only', 'lint,typos'], root)
    expect(unknown.code).toBe(2)
    expect(unknown.output).toContain('No gate is called typos.')
  })

  test('every benchmark is listed', async () => {
    const { output } = await node(['tools/run.mjs', 'bench'], root)
    const files = readdirSync(join(root, 'test/benchmark')).filter((file) => file.endsWith('.ts'))
    for (const file of files) expect(output).toContain(file.slice(0, -'.ts'.length))
  })

  test('every npm script is a command', async () => {
    const { default: own } = (await import('../../../package.json')) as { default: { scripts: Record<string, string> } }
    for (const [name, script] of Object.entries(own.scripts)) expect(script).toBe(`node tools/run.mjs ${name}`)
  })

  test('the heschl command passes arguments, folder and exit code on', async () => {
    const { code, output } = await node([join(root, 'tools/heschl.mjs'), 'validate', 'absent.yaml'], tmpdir())
    expect(code).toBe(1)
    expect(output).toContain(`where: ${join(realpathSync(tmpdir()), 'absent.yaml')}`)
  })
})
