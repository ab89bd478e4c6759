import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { missingPackages } from '../../../tools/installed.mjs'

const machine = { platform: 'linux', arch: 'x64', libc: 'glibc' }
const locked = {
  '': { version: '0.1.0' },
  'node_modules/vue': { version: '3.5.0' },
  'node_modules/@types/node': { version: '24.0.0', dev: true },
  'node_modules/vue/node_modules/inner': { version: '1.0.0' },
  'node_modules/native-linux': { version: '2.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
  'node_modules/native-musl': { version: '2.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
  'node_modules/native-arm': { version: '2.0.0', optional: true, os: ['linux'], cpu: ['arm64'] },
  // The form in which npm keeps a package whose own package.json has a text and not a list.
  'node_modules/native-win': { version: '2.0.0', optional: true, os: 'win32', cpu: 'x64' },
  'node_modules/native-text': { version: '2.0.0', optional: true, os: 'linux', cpu: 'x64' },
  'node_modules/only-for-wasm': { version: '1.0.0', optional: true },
}
const onLinux = [
  'node_modules/vue',
  'node_modules/@types/node',
  'node_modules/vue/node_modules/inner',
  'node_modules/native-linux',
  'node_modules/native-text',
]

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'heschl-installed-'))
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages: locked }))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function install(path: string, text: string) {
  mkdirSync(join(root, path), { recursive: true })
  writeFileSync(join(root, path, 'package.json'), text)
}

function installAll() {
  for (const path of onLinux) {
    install(path, JSON.stringify({ version: locked[path as keyof typeof locked].version }))
  }
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{}')
}

describe('what npm ci would have to do', () => {
  test('everything, in a clean clone', () => {
    expect(missingPackages(root, machine)).toEqual(onLinux)
    expect(readdirSync(root)).toEqual(['package-lock.json'])
  })

  test('nothing, when each package is there at its version', () => {
    installAll()
    expect(missingPackages(root, machine)).toEqual([])
  })

  test('a package that was removed, is of another version, or is damaged', () => {
    installAll()
    rmSync(join(root, 'node_modules/native-linux'), { recursive: true })
    install('node_modules/vue', '{"version":"3.4.0"}')
    install('node_modules/@types/node', '{"vers')
    expect(missingPackages(root, machine)).toEqual([
      'node_modules/vue',
      'node_modules/@types/node',
      'node_modules/native-linux',
    ])
  })

  test('everything, after an installation that did not finish', () => {
    installAll()
    rmSync(join(root, 'node_modules/.package-lock.json'))
    expect(missingPackages(root, machine)).toEqual(onLinux)
  })

  test.each([
    [{ platform: 'linux', arch: 'x64', libc: 'musl' }, ['node_modules/native-musl', 'node_modules/native-text']],
    [{ platform: 'linux', arch: 'arm64', libc: 'glibc' }, ['node_modules/native-arm']],
    [{ platform: 'win32', arch: 'x64', libc: undefined }, ['node_modules/native-win']],
    [{ platform: 'darwin', arch: 'arm64', libc: undefined }, []],
  ])('the native packages of %o', (other, native) => {
    expect(missingPackages(root, other).filter((path) => path.includes('native'))).toEqual(native)
  })
})

test('this checkout is installed, or its tests would not run', () => {
  expect(missingPackages(join(import.meta.dirname, '../../..'))).toEqual([])
})
