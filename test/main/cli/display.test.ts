import { describe, expect, test } from 'vitest'
import { browserCommand, noDisplay } from '../../../src-main/cli/display.ts'

describe('noDisplay', () => {
  test.each([
    [{ DISPLAY: ':0' }, 'linux', undefined],
    [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', undefined],
    [{}, 'linux', 'there is no display'],
    [{ SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, 'linux', 'this is a remote shell'],
    [{ SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22', DISPLAY: 'localhost:10.0' }, 'linux', undefined],
    [{ SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, 'darwin', 'this is a remote shell'],
    [{}, 'darwin', undefined],
    [{}, 'win32', undefined],
    [{ CI: 'true', DISPLAY: ':0' }, 'linux', 'this is a CI job'],
  ] as const)('%j on %s: %s', (env, platform, why) => {
    expect(noDisplay(env, platform)).toBe(why)
  })
})

test('the address is passed to the system as one argument, never through a shell', () => {
  const url = 'http://127.0.0.1:1234/#token=a&b'
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const [command, args] = browserCommand(url, platform)
    expect(command).not.toMatch(/sh$|cmd/)
    expect(args).toContain(url)
  }
})
