import type { RandomSource } from '../../support/random.js';
import { uint32At } from '../typed-array.js';

/** The numbers 0…size − 1 in ascending order. */
export function identity(size: number): Uint32Array {
  const order = new Uint32Array(size);
  for (let index = 0; index < size; index++) order[index] = index;
  return order;
}

/**
 * Shuffles in place (Fisher and Yates, Durstenfeld's form) and returns the array. Positions come from 53-bit fractions, so
 * that no order is favoured by more than 2^−20 even at 2^32 elements, at a fraction of the cost of exact rejection.
 */
export function permute(order: Uint32Array, random: RandomSource): Uint32Array {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random.nextDouble() * (last + 1));
    const kept = uint32At(order, last);
    order[last] = uint32At(order, other);
    order[other] = kept;
  }
  return order;
}
