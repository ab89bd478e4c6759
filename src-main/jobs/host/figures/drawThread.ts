import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { PageData } from '../../../../src-renderer/figures/index.ts'
import type { FigurePage } from '../../../contract/figurePage.ts'
import { HeschlError } from '../../../errors.ts'
import { entryPath } from '../../entry.ts'

export interface DrawRequest {
  readonly page: FigurePage
  readonly data: PageData
  readonly dpi: number
}

export type DrawnPage =
  { readonly svg: string } | { readonly panel: string; readonly problem: string } | { readonly tooLarge: string }

/** @throws HeschlError OPTION_INVALID for pictures that are too large; FILE_MISSING where the study lacks what a panel shows */
export async function drawInThread(request: DrawRequest): Promise<string> {
  const worker = new Worker(entryPath('drawPage'), { workerData: request })
  const [drawn] = (await once(worker, 'message')) as [DrawnPage]
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
