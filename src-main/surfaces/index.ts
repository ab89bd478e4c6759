export { loadSurface, locate, surfaceFiles } from './load.ts'
export type { SurfaceFiles } from './load.ts'
export { drawnFacts, drawnVersion, schematicCortex } from './schematic/cortex.ts'
export type { CorticalSurface } from './types.ts'
