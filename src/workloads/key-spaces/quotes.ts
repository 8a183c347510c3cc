import type { KeySpace } from '../workload.js';
import { hash32, readVersion, twoDecimals, zeroPadded } from './text.js';

const SPACE = 32;
const LOWEST_BASE_CENTS = 500;
const BASE_CENTS_RANGE = 99_500;

/**
 * Price quotes: key `price:SYMBOL_0001` (symbols count from 1; four digits, more where needed), value
 * `seq=17 last=123.45 bid=123.44x300 ask=123.46x200`: the sequence number is the version, prices have two decimals, sizes
 * are round lots. Each symbol has a base price of 5.00 to 999.99 and moves within 2 % of it; bid and ask lie one to four
 * cents around the last price. Synthetic: no market's data.
 *
 * @param symbols number of keys, 1 to 2^32 − 1
 */
export function quoteKeySpace(symbols: number): KeySpace {
  return {
    size: symbols,
    key: (index) => `price:SYMBOL_${zeroPadded(index + 1, 4)}`,
    value: (index, version) => {
      const base = LOWEST_BASE_CENTS + (hash32(index, 0xffffffff) % BASE_CENTS_RANGE);
      const hash = hash32(index, version);
      const last = base + Math.round((base * ((hash & 1023) - 511.5)) / 25_600);
      const bid = last - 1 - ((hash >>> 10) & 3);
      const ask = last + 1 + ((hash >>> 12) & 3);
      const bidLots = 1 + ((hash >>> 14) & 63);
      const askLots = 1 + ((hash >>> 20) & 63);
      return (
        `seq=${String(version)} last=${twoDecimals(last)} ` +
        `bid=${twoDecimals(bid)}x${String(bidLots)}00 ask=${twoDecimals(ask)}x${String(askLots)}00`
      );
    },
    versionOf: (value) => readVersion(value, 'seq=', SPACE),
  };
}
