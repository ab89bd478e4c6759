import { Worker } from 'node:worker_threads'
import type { PageData } from '../../../../src-renderer/figures/index.ts'
import type { FigurePage } from '../../../contract/figurePage.ts'
import { HeschlError } from '../../../errors.ts'
import { entryPath } from '../../entry.ts'
import { unlessStopped } from './follow.ts'

export interface DrawRequest {
  readonly page: FigurePage
  readonly data: PageData
  readonly dpi: number
}

export type DrawnPage =
  { readonly svg: string } | { readonly panel: string; readonly problem: string } | { readonly tooLarge: string }

/** Before each panel. */
export interface DrawProgress {
  readonly done: number
  readonly of: number
}

/**
 * @throws HeschlError OPTION_INVALID for pictures that are too large; FILE_MISSING where the study lacks what a panel
 *   shows; CANCELLED
 */
export async function drawInThread(
  request: DrawRequest,
  told: (progress: DrawProgress) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const worker = new Worker(entryPath('drawPage'), { workerData: request })
  const end = Promise.withResolvers<DrawnPage>()
  worker.on('message', (message: DrawnPage | DrawProgress) => {
    if ('done' in message) told(message)
    else end.resolve(message)
  })
  worker.once('error', end.reject)
  let drawn: DrawnPage
  try {
    drawn = await unlessStopped(end.promise, signal)
  } finally {
    await worker.terminate()
  }
  if ('svg' in drawn) return drawn.svg
  if ('tooLarge' in drawn)
    throw new HeschlError('OPTION_INVALID', 'The figure’s pictures are too large', {
      expected: 'at most 64 million dots a picture',
      found: `${request.dpi} dots an inch: ${drawn.tooLarge}`,
      remedy: 'Choose a smaller dpi, or smaller panels',
    })
  throw new HeschlError('FILE_MISSING', `The panel ${drawn.panel} cannot be drawn of this study`, {
    found: drawn.problem,
    remedy: 'Run the study, or take the panel off the page',
  })
}
