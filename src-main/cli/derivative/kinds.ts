/** The maps of a study's results that can be asked for. */
export const mapKinds = ['scores', 'mean', 'layers', 'regimes', 'ceiling'] as const
export type MapKind = (typeof mapKinds)[number]
