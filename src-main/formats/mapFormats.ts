/** The formats that maps are written in. */

/** Those that have a file a hemisphere, and those that have one file for both. */
const sidedFormats = ['func.gii', 'shape.gii', 'label.gii', 'mgh', 'mgz', 'nii', 'nii.gz'] as const
export const wholeFormats = ['dscalar.nii', 'npy', 'npz', 'tsv', 'parquet'] as const
export const mapFormats = [...sidedFormats, ...wholeFormats] as const
export type SidedFormat = (typeof sidedFormats)[number]
export type WholeFormat = (typeof wholeFormats)[number]
export type MapFormat = (typeof mapFormats)[number]
