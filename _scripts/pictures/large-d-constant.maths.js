// The constant c(r) of LIME's masks, as in `lime.large_d_constant`.
"use strict";

(() => {
  const { sum } = pictures;

  // the trapezoidal rule in x = log(p / (1 - p))

  const GRID = Array.from({ length: 1600 }, (_, n) => -40 + 0.05 * n);
  const KEPT = GRID.map((x) => 1 / (1 + Math.exp(-x)));
  const MASKED = GRID.map((x) => 1 / (1 + Math.exp(x)));

  /** LIME's weight of a text that keeps the share p of its words, not normalised. */
  const weight = (p, rest, bandwidth) =>
    p * rest * Math.exp(-((rest / (1 + Math.sqrt(p)) / bandwidth) ** 2) / 2);

  /** The weights of the grid for a bandwidth, Infinity included, and their sum. */
  function masks(bandwidth) {
    const w = KEPT.map((p, n) => p * MASKED[n] * weight(p, MASKED[n], bandwidth));
    return { w, total: sum(w) };
  }

  /** c(r): the mean of 1 / (r + (1 - r) p) over the masks. */
  const constant = (r, { w, total }) => sum(w.map((x, n) => x / (r * MASKED[n] + KEPT[n]))) / total;

  /** The r at which c(r) is the paper's 3/2, or 0 if c is smaller for every r. */
  function root(law) {
    if (constant(0, law) <= 1.5) return 0;
    let [low, high] = [0, 1];
    while (high - low > 1e-13) {
      const middle = (low + high) / 2;
      if (constant(middle, law) > 1.5) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  /** The value below which a share of the sorted numbers lies, between neighbours on a line. */
  function quantile(sorted, share) {
    const place = share * (sorted.length - 1);
    const n = Math.floor(place);
    return sorted[n] + (place - n) * ((sorted[n + 1] ?? sorted[n]) - sorted[n]);
  }

  /** The share of the documents' heads in which 3/2 is larger than c(r). */
  function tooLarge(law) {
    const all = pictures.survivors.flat();
    const limit = root(law);
    return all.filter((r) => r > limit).length / all.length;
  }

  // a slider has notches from 0 to 100
  const bandwidthOf = (notch) => (notch >= 100 ? Infinity : 5 / (100 - notch)); // 80 is 0.25
  let last = {};
  /** The masks of the last bandwidth are kept while r moves. */
  function lawOf(notch) {
    if (last.notch !== notch) last = { notch, ...masks(bandwidthOf(notch)) };
    return last;
  }

  pictures.largeDConstant = {
    masks,
    constant,
    root,
    quantile,
    tooLarge,
    weight,
    bandwidthOf,
    lawOf,
  };
})();
