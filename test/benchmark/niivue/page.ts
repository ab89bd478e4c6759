/**
 * NiiVue switching maps in the same Chromium: what `window.ts` reports beside its own. NiiVue has no grid of cortices with
 * maps of their own, so that one hemisphere of a cell's size is switched and drawn as often as there are cells.
 */
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'

/** @param folder with node_modules/@niivue/niivue @returns milliseconds of each round of `cells` switches */
export async function niivueSwitches(
  browser: Browser,
  folder: string,
  cells: number,
  rounds: number,
): Promise<number[]> {
  const page = await browser.newPage({ viewport: { width: 400, height: 300 } })
  await page.setContent('<canvas id="gl" width="205" height="150" style="width:205px;height:150px"></canvas>')
  await page.addScriptTag({ path: join(folder, 'node_modules/@niivue/niivue/dist/niivue.umd.js') })
  const { points, triangles } = icosphere(5)
  const places = Float32Array.from(points, (value, i) => value * [30, 80, 55][i % 3])
  const times = await page.evaluate(measure, {
    ...{ places: [...places], triangles: [...triangles], cells, rounds },
  })
  await page.close()
  return times
}

interface Job {
  readonly places: readonly number[]
  readonly triangles: readonly number[]
  readonly cells: number
  readonly rounds: number
}

/** In the page, with what NiiVue has put there. */
async function measure({ places, triangles, cells, rounds }: Job): Promise<number[]> {
  interface Mesh {
    layers: object[]
    updateMesh(gl: WebGL2RenderingContext): void
  }
  interface Viewer {
    gl: WebGL2RenderingContext
    attachToCanvas(canvas: HTMLCanvasElement): Promise<void>
    addMesh(mesh: Mesh): void
    drawScene(): void
  }
  const { Niivue, NVMesh } = (globalThis as unknown as { niivue: Record<string, new (...given: unknown[]) => never> })
    .niivue
  const viewer = new Niivue({ isOrientCube: false }) as Viewer
  await viewer.attachToCanvas(document.querySelector('canvas')!)
  const mesh = new NVMesh(
    ...[Float32Array.from(places), Uint32Array.from(triangles), 'ball', Uint8Array.of(180, 180, 180, 255), 1, true],
    viewer.gl,
  ) as Mesh
  const vertices = places.length / 3
  const frames = 2
  const values = Float32Array.from({ length: vertices * frames }, (_, i) => Math.abs(Math.sin(i * 12.9898)) * 0.2)
  const layer = {
    ...{ values, nFrame4D: frames, frame4D: 0, opacity: 1, colormap: 'viridis', colormapNegative: '' },
    ...{ cal_min: 0.05, cal_max: 0.2, global_min: 0, global_max: 0.2, useNegativeCmap: false, colormapInvert: false },
    ...{ isAdditiveBlend: false, outlineBorder: 0, isTransparentBelowCalMin: true, alphaThreshold: 0 },
  }
  mesh.layers = [layer]
  viewer.addMesh(mesh)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    for (let cell = 0; cell < cells; cell++) {
      layer.frame4D = (round + cell) % frames
      mesh.updateMesh(viewer.gl)
      viewer.drawScene()
    }
    viewer.gl.finish()
    times.push(performance.now() - began)
  }
  // Something was drawn: a benchmark of an empty canvas would be quick.
  const pixel = new Uint8Array(4 * 205 * 150)
  viewer.drawScene()
  viewer.gl.readPixels(0, 0, 205, 150, viewer.gl.RGBA, viewer.gl.UNSIGNED_BYTE, pixel)
  const colours = new Set<number>()
  for (let i = 0; i < pixel.length; i += 4) colours.add((pixel[i] << 16) | (pixel[i + 1] << 8) | pixel[i + 2])
  if (colours.size < 50) throw new Error(`NiiVue has drawn ${colours.size} colours`)
  return times
}
