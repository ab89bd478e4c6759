/** Entry of a thread that draws a page, so that its host goes on answering meanwhile. */
import { parentPort, workerData } from 'node:worker_threads'
import { drawPage, PanelProblem } from '../../src-renderer/figures/index.ts'
import type { DrawnPage, DrawRequest } from './host/figures/drawThread.ts'

function draw({ page, data, dpi }: DrawRequest): DrawnPage {
  try {
    return { svg: drawPage(page, data, dpi, (done, of) => parentPort!.postMessage({ done, of })) }
  } catch (error) {
    if (error instanceof PanelProblem) return { panel: error.panel, problem: error.message }
    if (error instanceof RangeError) return { tooLarge: error.message }
    throw error
  }
}

parentPort!.postMessage(draw(workerData as DrawRequest))
