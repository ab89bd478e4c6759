/** ONNX Runtime's telemetry shows by the log that it leaves in the folder for temporary files. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const addressOf = (path: string) => JSON.stringify(pathToFileURL(resolve(path)).href)

test('native libraries leave nothing behind, and report to nobody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'heschl-native-'))
  try {
    const script = `
      await import(${addressOf('src-main/nativeEnvironment.ts')})
      const { InferenceSession } = await import('onnxruntime-node')
      await InferenceSession.create(${JSON.stringify(resolve('test/reference/onnx/encoder.onnx'))})
      process.exit()`
    // `undefined` takes away what the tests' own environment says.
    const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder, ORT_DISABLE_TELEMETRY: undefined }
    const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
    await promisify(execFile)(process.execPath, options, { env })
    expect(await readdir(folder)).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})
