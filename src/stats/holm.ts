/**
 * Holm's step-down adjustment (Holm 1979): controls the probability of even one false rejection in the family, under any
 * dependence. With the p-values in ascending order, adjusted(i) = max over j <= i of min(1, (k - j + 1) p(j)).
 *
 * @param pValues the p-values of the whole family, each 0 to 1, in any order
 * @param familySize tests in the declared family when some have no p-value (they count as 1); at least pValues.length
 * @returns adjusted p-values in the order given
 * @throws RangeError for a p-value outside 0 to 1, with its index
 */
export function holm(pValues: readonly number[], familySize: number = pValues.length): number[] {
  pValues.forEach((p, index) => {
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(`pValues[${String(index)}] must lie between 0 and 1; it is ${String(p)}`);
    }
  });
  if (!Number.isSafeInteger(familySize) || familySize < pValues.length) {
    throw new RangeError(`familySize must be an integer of at least ${String(pValues.length)}`);
  }
  const adjusted = new Array<number>(pValues.length).fill(1);
  let running = 0;
  pValues
    .map((p, index) => ({ p, index }))
    .sort((a, b) => a.p - b.p)
    .forEach(({ p, index }, rank) => {
      running = Math.max(running, Math.min(1, (familySize - rank) * p));
      adjusted[index] = running;
    });
  return adjusted;
}
