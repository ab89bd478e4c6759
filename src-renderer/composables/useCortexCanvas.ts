/** Draws a scene on a canvas: in WebGL2, or in software where that is missing or breaks. */
import { onScopeDispose, ref, watch, watchEffect, type Ref, type ShallowRef } from 'vue'
import { drawCortex, type CortexScene } from '../cortex/panels.ts'
import { createRenderer, type CortexRenderer } from '../cortex/scene.ts'

export type Drawer = 'webgl' | 'software'

export function useCortexCanvas(
  canvas: Readonly<ShallowRef<HTMLCanvasElement | null>>,
  scene: Readonly<Ref<CortexScene | null>>,
  size: { readonly width: number; readonly height: number },
) {
  /** The canvas is keyed by it: a canvas that has had one kind of context cannot have another. */
  const drawer = ref<Drawer>('webgl')
  let renderer: CortexRenderer | null = null
  let frame = 0

  function draw() {
    frame = 0
    const element = canvas.value
    if (!element || !scene.value || size.width < 2 || size.height < 2) return
    const density = Math.min(window.devicePixelRatio || 1, drawer.value === 'webgl' ? 2 : 1)
    const width = 2 * Math.floor((size.width * density) / 2)
    const height = 2 * Math.floor((size.height * density) / 2)
    if (renderer) renderer.draw(scene.value, width, height)
    else if (drawer.value === 'software') drawInSoftware(element, scene.value, width, height)
    // For whoever measures or photographs the window: there is something to see.
    element.dataset['drawn'] = 'true'
  }

  function request() {
    frame ||= requestAnimationFrame(draw)
  }

  function fallBack(event?: Event) {
    event?.preventDefault()
    release()
    drawer.value = 'software'
  }

  /** Gives the context back: browsers keep only a few alive. */
  function release(element?: HTMLCanvasElement | null) {
    element?.removeEventListener('webglcontextlost', fallBack)
    renderer?.dispose()
    renderer = null
  }

  watch(
    canvas,
    (element, before) => {
      release(before)
      if (!element) return
      if (drawer.value === 'webgl') {
        renderer = tryRenderer(element)
        if (renderer) element.addEventListener('webglcontextlost', fallBack, { once: true })
        else fallBack()
      }
      request()
    },
    { flush: 'post' },
  )
  watchEffect(() => {
    if (scene.value && size.width > 0 && size.height > 0) request()
  })
  onScopeDispose(() => {
    cancelAnimationFrame(frame)
    release(canvas.value)
  })
  return { drawer }
}

/** A driver may refuse at any point: getting the context, or the first use of it. */
function tryRenderer(canvas: HTMLCanvasElement): CortexRenderer | null {
  try {
    return createRenderer(canvas)
  } catch {
    return null
  }
}

function drawInSoftware(canvas: HTMLCanvasElement, scene: CortexScene, width: number, height: number) {
  // Drawn again at every turn: a large drawing does without smooth edges.
  const picture = drawCortex(scene, width, height, 1, width * height > 800_000 ? 1 : 2)
  canvas.width = picture.width
  canvas.height = picture.height
  const pixels = new ImageData(new Uint8ClampedArray(picture.rgba), picture.width, picture.height)
  canvas.getContext('2d')?.putImageData(pixels, 0, 0)
}
