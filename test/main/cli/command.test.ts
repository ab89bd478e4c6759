/** The real command, as a shell would run it, on a small synthetic study. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import { heschl as heschlIn, start as startIn } from './heschl.ts'

const windows = process.platform === 'win32'

let folder: string
let study: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-cli-'))
  study = (await makeSmallStudy(join(folder, 'small'), { layers: ['transf0'], subjects: 2 })).path
})
afterAll(() => rm(folder, { recursive: true }))

const start = (...args: readonly string[]) => startIn(folder, ...args)
const heschl = (...args: readonly string[]) => heschlIn(folder, ...args)

describe('help and usage', () => {
  test('--help names every command and the exit codes', async () => {
    const { code, stdout, stderr } = await heschl('--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of [
      'doctor',
      'demo',
      'open',
      'serve',
      'validate',
      'plan',
      'run',
      'preset',
      'extract',
      'design',
      'encode',
      'help',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage or an invalid study, 130 stopped')
  })

  test('--version is the package’s', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
    expect(await heschl('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test.each([
    [['validat', 'study.yaml'], 'Did you mean validate?'],
    [['run'], "missing required argument 'study'"],
    [['run', 'a', 'b'], 'too many arguments'],
    [['plan', '--jsn', 'study.yaml'], 'Did you mean --json?'],
    [['serve', '--port', '70000'], 'A port is a whole number up to 65535.'],
  ])('%j is wrong usage', async (args, words) => {
    const { code, stdout, stderr } = await heschl(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
  })

  test('under --json an error is one document on stdout', async () => {
    const usage = await heschl('run', '--json')
    expect(usage).toMatchObject({ code: 2, stderr: '' })
    expect(JSON.parse(usage.stdout)).toMatchObject({ error: { code: 'OPTION_INVALID' } })
    const missing = await heschl('plan', 'nowhere.yaml', '--json')
    expect(missing.code).toBe(1)
    expect(JSON.parse(missing.stdout)).toMatchObject({
      error: { code: 'FILE_MISSING', where: { file: join(folder, 'nowhere.yaml') } },
    })
  })
})

describe('validate', () => {
  test('a valid study', async () => {
    const file = join('small', 'study.yaml')
    expect(await heschl('validate', file)).toEqual({ code: 0, stdout: `${file}: valid\n`, stderr: '' })
  })

  test('a misspelt key is told with line, column and what was meant, and exits with 2', async () => {
    const text = await readFile(study, 'utf8')
    const wrong = join(folder, 'small', 'wrong.yaml')
    await writeFile(wrong, text.replace('encoding:', 'encodng:'))
    const line = text.split('\n').findIndex((each) => each.startsWith('encoding:')) + 1
    const { code, stdout } = await heschl('validate', wrong)
    expect(code).toBe(2)
    expect(stdout).toContain(
      `${wrong}:${line}:1: error: \`encodng\` is not a key of a study file; did you mean \`encoding\`?\n`,
    )
    expect(stdout).toContain(`${wrong}: 1 error\n`)
    const { stdout: json } = await heschl('validate', wrong, '--json')
    expect(JSON.parse(json)).toMatchObject({
      study: wrong,
      valid: false,
      problems: [{ severity: 'error', line, column: 1, path: 'encodng' }],
    })
    const run = await heschl('run', wrong)
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('did you mean `encoding`?')
  })
})

describe('plan and run', () => {
  test.skipIf(windows)(
    'an interrupted run exits with 130, says how to go on, and resumes (skipped on Windows: no SIGINT can be sent there)',
    async () => {
      const { child, ended } = start('run', study)
      let interrupted = false
      child.stderr.on('data', () => {
        // Twice, as npm and the terminal do between them: that is one Ctrl-C, not two.
        if (!interrupted) child.kill('SIGINT')
        if (!interrupted) child.kill('SIGTERM')
        interrupted = true
      })
      const first = await ended
      expect(first.code).toBe(130)
      expect(first.stderr).toContain('again: it resumes where it stopped')
      expect(first.stdout).toBe('')

      const second = await heschl('run', study, '--json')
      expect(second.code).toBe(0)
      const { job, table } = JSON.parse(second.stdout) as {
        job: { state: string; stepsDone: number; stepsTotal: number }
        table: { rows: { model: string; layer: string; meanR: number }[] }
      }
      expect(job.state).toBe('done')
      expect(table.rows.map(({ model, layer }) => `${model} ${layer}`)).toEqual([
        'w2v-1 transf0',
        'w2v-2 transf0',
        'mel mel',
      ])
      for (const { meanR } of table.rows) expect(Math.abs(meanR)).toBeLessThan(1)

      const plan = await heschl('plan', study)
      expect(plan.code).toBe(0)
      expect(plan.stdout).toContain(`${job.stepsTotal} steps, ${job.stepsTotal} cached`)
      const methods = await heschl('plan', study, '--methods')
      expect(methods.stdout).toMatch(/^Encoding models were fitted with Heschl \S+, preset standard: .*\n\nMillet, J\./)

      const third = await heschl('run', study, '--scores', 'scores.tsv')
      expect(third.code).toBe(0)
      const scores = await readFile(join(folder, 'scores.tsv'), 'utf8')
      expect(scores.split('\n').map((line) => line.split('\t')[0])).toEqual(['model', 'w2v-1', 'w2v-2', 'mel', ''])
      expect(third.stderr).toContain(`${job.stepsTotal} steps, ${job.stepsTotal} of them stored already`)
      expect(third.stdout).toMatch(/^w2v-1 +transf0 +-?0\.\d{3} /m)

      const nowhere = await heschl('run', study, '--scores', join(folder, 'no such folder', 'scores.tsv'))
      expect(nowhere.code).toBe(1)
      expect(nowhere.stderr).toContain(join('no such folder', 'scores.tsv'))
    },
    180_000,
  )
})

describe('serve', () => {
  test.skipIf(windows || !existsSync('out/renderer/index.html'))(
    'prints the address as JSON, answers there, ends at an interrupt (skipped on Windows, and where the window is not built)',
    async () => {
      const { child, ended } = start('serve', study, '--no-open', '--json')
      const line = await new Promise<string>((resolve) => {
        let text = ''
        child.stdout.on('data', (piece: string) => {
          text += piece
          if (text.trimEnd().endsWith('}')) resolve(text)
        })
      })
      const { url, study: served } = JSON.parse(line) as { url: string; study: string }
      expect(served).toBe(study)
      expect((await fetch(url)).status).toBe(200)
      child.kill('SIGINT')
      expect((await ended).code).toBe(0)
    },
  )

  test('a study that is not there is told before anything starts', async () => {
    const { code, stderr } = await heschl('serve', 'nowhere.yaml')
    expect(code).toBe(1)
    expect(stderr).toContain('There is no such study')
  })
})

describe('doctor and demo', () => {
  test('doctor tells what there is as data', async () => {
    const { code, stdout } = await heschl('doctor', '--json')
    const { works, checks } = JSON.parse(stdout) as { works: boolean; checks: { name: string; state: string }[] }
    expect(code).toBe(works ? 0 : 1)
    expect(checks.find(({ name }) => name === 'Providers')?.state).toBe('ok')
  })

  test('demo leaves a folder with other things in it alone', async () => {
    const other = join(folder, 'other')
    await mkdir(other)
    await writeFile(join(other, 'thesis.tex'), 'x')
    const { code, stderr } = await heschl('demo', '--out', other, '--no-open')
    expect(code).toBe(2)
    expect(stderr).toContain('Choose another with --out')
    expect(existsSync(join(other, 'stimuli'))).toBe(false)
  })
})
