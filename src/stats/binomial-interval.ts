import { regularisedBeta } from './beta.js';
import { checkFraction, checkInteger } from './check.js';

export interface BinomialInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A proportion with its exact interval (Clopper and Pearson 1934): the probabilities under which so many successes or more,
 * and so many or fewer, each have probability (1 - confidence) / 2. It covers at least as often as asked.
 *
 * @param successes 0 to trials
 * @param trials 1 and up
 * @param options `confidence` between 0 and 1, default 0.95
 * @throws RangeError outside these ranges
 */
export function binomialInterval(
  successes: number,
  trials: number,
  options: { readonly confidence?: number } = {},
): BinomialInterval {
  const { confidence = 0.95 } = options;
  checkFraction(confidence, 'confidence');
  checkInteger(trials, 'trials', 1);
  checkInteger(successes, 'successes', 0);
  if (successes > trials) {
    throw new RangeError(`successes (${String(successes)}) exceed trials (${String(trials)})`);
  }
  const tail = (1 - confidence) / 2;
  // P(B >= k) at p is I_p(k, n - k + 1), which rises with p
  const reaching = (k: number, wanted: number): number => {
    let low = 0;
    let high = 1;
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (regularisedBeta(middle, k, trials - k + 1) < wanted) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return {
    estimate: successes / trials,
    low: successes === 0 ? 0 : reaching(successes, tail),
    high: successes === trials ? 1 : reaching(successes + 1, 1 - tail),
  };
}
