/** Whole figures: data in, SVG out. No DOM; runs in the window and in Node. */
export { automaticLimits, type ColourScale, type Limits } from '../colormaps/scale.ts'
export { noOrbit } from '../cortex/camera.ts'
export { beyondLimits, corticalFigure, type CorticalFigure } from './cortical.ts'
export { layerFigure, type LayerFigure } from './layer.ts'
