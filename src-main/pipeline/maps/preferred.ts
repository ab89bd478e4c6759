/**
 * Where each layer is the best: its place at every target. Of equal ones the first.
 * @param means [n_layers] maps [n_targets]; NaN where a layer has no score
 * @returns float32 [n_targets]; NaN where no layer has a mean above 0, which would be a preference among noise
 */
export function preferredLayer(means: readonly Float32Array[]): Float32Array {
  return Float32Array.from({ length: means[0]?.length ?? 0 }, (_, v) => {
    let [best, place] = [0, NaN]
    for (let l = 0; l < means.length; l++)
      if (means[l][v] > best) {
        best = means[l][v]
        place = l
      }
    return place
  })
}
