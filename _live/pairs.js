/** The core, with exact interactions of two words: what a pair does beyond its two words. */
function attentionPairs(core) {
  "use strict";

  const { zeros, integrate } = core;
  const BLOCK = 4; // rows of a product of matrices that are added up at once

  /** How an index weighs E_p[Δ_ij f] over p; null stands for p = 1/2 alone. As in Python. */
  const indices = {
    shapley: () => 1,
    "shapley-taylor": (p) => 2 * (1 - p),
    "faithful-shapley": (p) => 6 * p * (1 - p),
    banzhaf: null,
  };

  /** The Gauss-Legendre rule on [0, 1], nodes and weights, by Newton's method. */
  function legendre(count) {
    const nodes = zeros(count), weights = zeros(count);
    for (let n = 0; n < count; n++) {
      let x = Math.cos((Math.PI * (n + 0.75)) / (count + 0.5)), slope;
      for (let step = 0; step < 10; step++) {
        let [before, P] = [1, x];
        for (let k = 2; k <= count; k++) {
          [before, P] = [P, ((2 * k - 1) * x * P - (k - 1) * before) / k];
        }
        slope = (count * (x * P - before)) / (x * x - 1);
        x -= P / slope;
      }
      nodes[n] = (1 + x) / 2;
      weights[n] = 1 / ((1 - x * x) * slope * slope);
    }
    return { nodes, weights };
  }

  /**
   * Nodes in p that are enough for d words. E_p[Δ_ij f] is a polynomial of degree d - 2, so that
   * ceil((d + 1) / 2) give its integral as it is. Fewer do for long texts: on the ellipse with foci
   * 0 and 1 where |p| + |1 - p| = cosh s, it is at most 4 max |f| cosh(s)^(d - 2), and so, with
   * s = 2 n / d, the rule of n nodes is off by a few max |f| exp(-2 n² / d): 1e-10 of it here.
   */
  const enough = (d) => Math.min(Math.ceil((d + 1) / 2), Math.ceil(Math.sqrt(12 * d)));

  /**
   * An index of all pairs of words, (d · d), symmetric with zeros on the diagonal.
   *
   * With φ, P, T as for `curves`, r = (x - y) / φ and h = b x y / φ², differences in two factors
   * of a product leave P (T r_i r_j + h_i r_j + r_i h_j): a product of matrices. O(K nodes d^2.5).
   */
  function pairs(game, index, rule) {
    const { d } = game, weigh = indices[index], found = zeros(d * d);
    const { nodes, weights } = weigh ? legendre(enough(d)) : { nodes: [0.5], weights: [1] };
    const left = Array.from({ length: BLOCK }, () => zeros(d)), right = left.map(() => zeros(d));
    let filled = 0;

    function flush() {
      const [l0, l1, l2, l3] = left, [r0, r1, r2, r3] = right;
      for (let i = 0; i < d; i++) {
        const a = l0[i], b = l1[i], c = l2[i], e = l3[i], at = i * d;
        for (let j = 0; j < d; j++) found[at + j] += a * r0[j] + b * r1[j] + c * r2[j] + e * r3[j];
      }
      left.forEach((row) => row.fill(0));
      filled = 0;
    }

    integrate(game, rule, ({ restValue, keptValue, maskedValue }, x, y, weight) => {
      nodes.forEach((p, q) => {
        const own = left[filled], r = right[filled];
        let product = weight * weights[q] * (weigh ? weigh(p) : 1), T = restValue;
        for (let j = 0; j < d; j++) {
          const phi = p * x[j] + (1 - p) * y[j];
          product *= phi;
          T += (p * keptValue[j] * x[j] + (1 - p) * maskedValue[j] * y[j]) / phi;
          r[j] = (x[j] - y[j]) / phi;
          own[j] = ((keptValue[j] - maskedValue[j]) * x[j] * y[j]) / (phi * phi);
        }
        for (let j = 0; j < d; j++) own[j] = product * (own[j] + (T / 2) * r[j]);
        filled += 1;
        if (filled === BLOCK) flush();
      });
    });
    flush();
    return found.map((half, at) => {
      const i = Math.floor(at / d), j = at % d;
      return i === j ? 0 : half + found[j * d + i];
    });
  }

  return { ...core, indices: Object.keys(indices), pairs };
}
