/** A cortex as the rest of Heschl sees it. The same shape as the contract's `SurfaceData`, which hosts pass on. */

export interface HemisphereSurface {
  /** float32 [vertices, 3], millimetres, RAS. */
  readonly folded: Float32Array
  /** float32 [vertices, 3], millimetres, RAS. */
  readonly inflated: Float32Array
  /** uint32 [triangles, 3], counter-clockwise from outside. */
  readonly triangles: Uint32Array
  /** float32 [vertices]: sulcal depth, positive in sulci, as FreeSurfer's `sulc`. */
  readonly sulc: Float32Array
  /** uint16 [vertices]: index into `regions`; 0 is outside every region. */
  readonly labels: Uint16Array
}

export interface Region {
  readonly name: string
  /** sRGB, 0–255. */
  readonly colour: readonly [number, number, number]
}

export interface CorticalSurface {
  readonly name: string
  /** True for the cortex Heschl draws itself, which is nobody's anatomy. */
  readonly schematic: boolean
  readonly left: HemisphereSurface
  readonly right: HemisphereSurface
  /** `regions[0]` stands for what is outside every region. */
  readonly regions: readonly Region[]
  /** What a reader should know: a missing inflated form, a missing parcellation. */
  readonly notes: readonly string[]
}
