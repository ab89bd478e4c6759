export { loadSurface, locate, surfaceFiles } from './load.ts'
export type { ParcellationSpec, SurfaceFiles, SurfaceSpec } from './load.ts'
export type { CorticalSurface } from './types.ts'
