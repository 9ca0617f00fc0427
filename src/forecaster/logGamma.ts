// The logarithm of the gamma function.

/** log Γ(x) for x > 0, by Stirling's series from 7 on (error below 1e-9). */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  while (at < 7) product *= at++;
  const inverse = 1 / (at * at);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.9189385332046727 + series - Math.log(product);
}
