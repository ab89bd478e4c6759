/** Whole figures: data in, SVG out. No DOM; runs in the window and in Node. */
export { automaticLimits, automaticThreshold } from '../colormaps/scale.ts'
export { noOrbit } from '../cortex/camera.ts'
export { trainingText } from '../plots/models.ts'
export { drawFinding } from './draw.ts'
export { corticalFigure, type CorticalFigure } from './cortical.ts'
export { layerFigure } from './layer.ts'
export { trainingFigure } from './training.ts'
