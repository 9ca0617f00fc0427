/** The chance of the demonstration chain: hashes and draws that depend on their arguments alone. */

/** One number that is the whole chain's chance; another number is another chain. */
const CHAIN_SEED = 0x5e17_1e25;

// Called millions of times: looking `Math` up each time is dear where globals are intercepted (jest).
const { imul } = Math;

/** Mixes a 32-bit state with a number (the finalizer of MurmurHash3). Gives an unsigned 32-bit hash. */
export function mix(state: number, value: number): number {
  let h = (state ^ imul(value | 0, 0x9e37_79b1)) | 0;
  h = imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The stream of a named thing, such as ('stock-out', 'lyon-part-dieu', sku.code). Unsigned 32 bits. */
export function streamOf(...names: string[]): number {
  let h = CHAIN_SEED;
  for (const name of names) {
    for (let i = 0; i < name.length; i++) h = mix(h, name.charCodeAt(i));
    h = mix(h, -1);
  }
  return h;
}

/** A draw in [0, 1) that belongs to one stream and one number (a day, a block of days). */
export function uniformAt(stream: number, index: number): number {
  return mix(mix(stream, index), 0x2545_f491) / 2 ** 32;
}

/** A draw in [0, 1) that belongs to the named thing. */
export function uniformOf(...names: string[]): number {
  return uniformAt(streamOf(...names), 0);
}

/** Successive draws in [0, 1) from a seed (mulberry32). */
export function draws(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let t = imul(state ^ (state >>> 15), state | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** No day's demand is drawn above this; it only guards the inversion against rounding in the far tail. */
const DRAW_LIMIT = 2_000;

/**
 * The negative binomial count with this mean and dispersion (variance = mean + mean² / dispersion)
 * that belongs to a draw in [0, 1), by inversion of its distribution.
 */
export function negativeBinomial(mean: number, dispersion: number, draw: number): number {
  if (mean <= 0) return 0;
  const ratio = mean / (dispersion + mean);
  let probability = (1 + mean / dispersion) ** -dispersion;
  let below = probability;
  let count = 0;
  while (draw >= below && count < DRAW_LIMIT) {
    probability *= (ratio * (dispersion + count)) / (count + 1);
    below += probability;
    count++;
  }
  return count;
}
