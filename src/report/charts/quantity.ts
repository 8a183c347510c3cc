/** The four kinds of number that the report shows; the names follow `MetricSummary.unit`. */
export type QuantityUnit = 'operations/s' | 'ns' | 'bytes' | 'ratio';

/** Writes a number for people, three significant digits with its unit. */
export type QuantityFormat = (value: number, unit: QuantityUnit) => string;

/**
 * Writes a quantity for people with three significant digits: rates with SI prefixes ("1.23 M ops/s"), durations from
 * nanoseconds ("81.2 µs"), sizes in decimal multiples ("12.5 MB"), ratios with a times sign ("9.87×").
 *
 * This one function serves the pages, the PNG charts and, as source text, the script inside the HTML, so that the same number
 * reads the same everywhere. It therefore uses nothing from outside its own body.
 *
 * @param value finite; anything else gives an en dash
 * @param unit what the value is measured in
 */
export function formatQuantity(value: number, unit: QuantityUnit): string {
  if (!Number.isFinite(value)) return '–';

  const threeDigits = (scaled: number): string => {
    const magnitude = Math.abs(scaled);
    if (magnitude === 0) return '0';
    if (magnitude >= 99.95) return String(Math.round(scaled));
    const decimals =
      magnitude >= 9.995 ? 1 : magnitude >= 0.9995 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(magnitude)));
    return scaled.toFixed(decimals);
  };
  // A value that would round up to the next prefix (999.7 k) takes that prefix.
  const prefixed = (step: number, prefixes: readonly string[]): string => {
    let scaled = value;
    let index = 0;
    while (Math.abs(scaled) >= step * 0.9995 && index < prefixes.length - 1) {
      scaled /= step;
      index++;
    }
    return `${threeDigits(scaled)} ${prefixes[index] ?? ''}`;
  };

  switch (unit) {
    case 'operations/s':
      return prefixed(1000, ['ops/s', 'k ops/s', 'M ops/s', 'G ops/s']);
    case 'ns':
      return prefixed(1000, ['ns', 'µs', 'ms', 's']);
    case 'bytes':
      return prefixed(1000, ['B', 'kB', 'MB', 'GB', 'TB']);
    case 'ratio':
      return `${Math.abs(value) >= 9999.5 ? value.toExponential(2) : threeDigits(value)}×`;
  }
}
