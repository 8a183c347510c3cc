/**
 * Statistics for benchmark trials, as pure functions on arrays of numbers: `predis-bench/stats`. Nothing here changes its
 * arguments or reads a clock; what draws random numbers takes a seed. Formulas and sources: docs/statistics.md.
 */
export {
  autocorrelationBound,
  autocorrelations,
  effectiveSampleSize,
  lagCorrelation,
  ljungBox,
  type LagCorrelation,
  type LjungBoxTest,
} from './autocorrelation.js';
export { binomialInterval, type BinomialInterval } from './binomial-interval.js';
export { bootstrapRatio, type BootstrapInterval, type BootstrapOptions } from './bootstrap.js';
export { changePoints, type ChangePoint, type ChangePointOptions } from './change-points.js';
export { chiSquareSurvival, chiSquareTest, type ChiSquareTest } from './chi-square.js';
export { cliffsDelta } from './cliffs-delta.js';
export {
  equivalence,
  pairedEquivalence,
  requiredForEquivalence,
  type EquivalenceOptions,
  type EquivalenceResult,
} from './equivalence.js';
export { groupSequential, type SequentialLook, type SpendingFunction } from './group-sequential.js';
export { hodgesLehmann, hodgesLehmannRatio, type ShiftEstimate } from './hodges-lehmann.js';
export { holm } from './holm.js';
export { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
export { mannKendall, theilSenSlope, type MannKendallTest } from './mann-kendall.js';
export {
  mannWhitneyU,
  smallestMannWhitneyPValue,
  type Alternative,
  type MannWhitneyOptions,
  type MannWhitneyResult,
  type TestMethod,
} from './mann-whitney.js';
export { medianInterval, type MedianInterval } from './median-interval.js';
export { bivariateNormalCdf, normalCdf, normalQuantile } from './normal.js';
export {
  hodgesLehmannError,
  mannWhitneyPower,
  minimumDetectableEffect,
  requiredBlocks,
  requiredPerSample,
} from './power.js';
export { repeatedPValue } from './repeated-p-value.js';
export { signTest, signTestDetectable, type SignTest } from './sign-test.js';
export { median, quantile } from './quantile.js';
export { minimumDetectablePairedEffect, signedRankPower, type PairedDesign } from './signed-rank-power.js';
export {
  pseudomedian,
  smallestSignedRankPValue,
  wilcoxonSignedRank,
  type SignedRankOptions,
  type SignedRankResult,
} from './wilcoxon-signed-rank.js';
