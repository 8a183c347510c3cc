/** Reference answers by complete enumeration: slow, short, and unlike the code under test. */

/** How often U of x beats y, ties counting half. */
export function countWins(x: readonly number[], y: readonly number[]): number {
  let wins = 0;
  for (const a of x) for (const b of y) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins;
}

/** P(U <= u) and P(U >= u) over every way to split the pooled values, by enumeration of subsets. */
export function mannWhitneyTails(
  x: readonly number[],
  y: readonly number[],
): { less: number; greater: number } {
  const pooled = [...x, ...y];
  const observed = countWins(x, y);
  let all = 0;
  let atMost = 0;
  let atLeast = 0;
  for (let mask = 0; mask < 2 ** pooled.length; mask++) {
    const chosen = pooled.filter((_, index) => (mask >> index) & 1);
    if (chosen.length !== x.length) continue;
    const u = countWins(
      chosen,
      pooled.filter((_, index) => !((mask >> index) & 1)),
    );
    all++;
    if (u <= observed) atMost++;
    if (u >= observed) atLeast++;
  }
  return { less: atMost / all, greater: atLeast / all };
}

/** P(V <= v) and P(V >= v) over every way to give signs to the differences that are not 0. */
export function signedRankTails(differences: readonly number[]): {
  less: number;
  greater: number;
  v: number;
} {
  const sizes = differences.filter((d) => d !== 0).map(Math.abs);
  const rank = (size: number) =>
    sizes.filter((other) => other < size).length + (sizes.filter((other) => other === size).length + 1) / 2;
  const ranks = sizes.map(rank);
  const kept = differences.filter((d) => d !== 0);
  const v = kept.reduce((sum, d, index) => sum + (d > 0 ? (ranks[index] ?? 0) : 0), 0);
  let atMost = 0;
  let atLeast = 0;
  const all = 2 ** ranks.length;
  for (let mask = 0; mask < all; mask++) {
    const sum = ranks.reduce((total, r, index) => total + ((mask >> index) & 1 ? r : 0), 0);
    if (sum <= v) atMost++;
    if (sum >= v) atLeast++;
  }
  return { less: atMost / all, greater: atLeast / all, v };
}

/** All differences x_i - y_j, ascending. */
export function sortedDifferences(x: readonly number[], y: readonly number[]): number[] {
  return x.flatMap((a) => y.map((b) => a - b)).sort((a, b) => a - b);
}

/** All Walsh averages, ascending. */
export function sortedWalshAverages(values: readonly number[]): number[] {
  return values.flatMap((a, i) => values.slice(i).map((b) => (a + b) / 2)).sort((a, b) => a - b);
}

export function middle(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}

/** Fails unless the two agree to a relative error (absolute near 0). */
export function close(actual: number, expected: number, tolerance = 1e-9): void {
  const scale = Math.max(Math.abs(expected), Number.MIN_VALUE);
  if (actual !== expected && !(Math.abs(actual - expected) <= tolerance * scale)) {
    throw new Error(`${String(actual)} is not within ${String(tolerance)} of ${String(expected)}`);
  }
}
