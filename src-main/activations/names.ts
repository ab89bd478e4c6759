/** Suggestions for a misspelt name. */

/** "Did you mean …?" for the nearest name within a third of its length; undefined when none is near. */
export function didYouMean(written: string, names: readonly string[]): string | undefined {
  if (written.length > 200) return undefined
  let nearest: { name: string; edits: number } | undefined
  for (const name of names) {
    const edits = editDistance(written.toLowerCase(), name.toLowerCase())
    if (edits <= Math.max(1, name.length / 3) && (!nearest || edits < nearest.edits)) nearest = { name, edits }
  }
  return nearest && `Did you mean "${nearest.name}"?`
}

/** Levenshtein's distance: insertions, deletions and substitutions. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}
