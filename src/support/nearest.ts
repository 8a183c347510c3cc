/** Words longer than this are no slips of the finger; they are answered without looking at the candidates. */
const LONGEST_WORD = 64;

/**
 * The candidate that a misspelt word most likely meant, or null when none is near. Near is at most one edit for every three
 * letters of the longer word (insertion, deletion, substitution, swap of neighbours; case does not count), or being the
 * only candidate that begins with the word. Of equally near candidates the first wins. Pure.
 *
 * @param word what was typed; may be hostile, costs O(64² · candidates) at most
 * @param candidates the names that exist
 */
export function nearestName(word: string, candidates: readonly string[]): string | null {
  if (word.length === 0 || word.length > LONGEST_WORD) return null;
  const typed = word.toLowerCase();
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const longer = Math.max(word.length, candidate.length);
    const allowed = Math.max(1, Math.floor(longer / 3));
    if (longer > LONGEST_WORD || Math.abs(word.length - candidate.length) > allowed) continue;
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance <= allowed && distance < longer && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  if (best !== null) return best;
  const continued = candidates.filter((candidate) => candidate.toLowerCase().startsWith(typed));
  return continued.length === 1 ? (continued[0] ?? null) : null;
}

/**
 * Damerau-Levenshtein distance in its restricted form ("optimal string alignment": no substring is edited twice), by
 * dynamic programming over prefixes (Wagner and Fischer, JACM 1974; swaps after Damerau, CACM 1964). In UTF-16 units.
 */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(
        (last[column] ?? Infinity) + 1,
        (current[column - 1] ?? Infinity) + 1,
        (last[column - 1] ?? Infinity) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        distance = Math.min(distance, (beforeLast[column - 2] ?? Infinity) + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? Infinity;
}
