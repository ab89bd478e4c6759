import type { FigureFormat } from '../formats/embedded.ts'

/** In which a figure is written. Apart from the code that writes them, which `--help` does not need. */
export const figureFormats = ['svg', 'pdf', 'png'] as const satisfies readonly FigureFormat[]
