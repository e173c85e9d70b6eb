/**
 * The core, with exact averages over masks: LIME and Shapley values from the masks of each size,
 * one curve for each word from words that are kept by chance, and Banzhaf values, its middle.
 */
function attentionAverages(core) {
  "use strict";

  const { zeros, total, dot, value, sizes, coefficients } = core;

  // ---- 1/D as a sum of exponentials

  /** Nodes u, weights w: 1/D ≈ Σ w e^{-uD} for low <= D <= high; `error` bounds |1 - D Σ|. */
  function reciprocalRule({ start, step, reach, nodes, weights, error }, low, high) {
    const far = Math.max(1, (reach * high) / low / start);
    const count = Math.ceil(Math.log(far) / step) + 1;
    const x = Array.from({ length: count + 1 }, (_, n) => start * Math.exp(step * n));
    const last = (x[count] * low) / high, right = x.slice(0, count);
    return {
      u: [...nodes, ...right].map((node) => node / high),
      w: [...weights, ...right.map((node) => step * node)].map((weight) => weight / high),
      error: error + 2 * step * last * Math.exp(-last),
    };
  }

  /** A number that no |N / D| of a head exceeds: an average of values, or N over the least D. */
  function largestValue(head, low) {
    const pairs = [[head.restValue, head.restWeight]];
    head.keptValue.forEach((kept, j) => {
      pairs.push([kept, head.keptWeight[j]], [head.maskedValue[j], head.maskedWeight[j]]);
    });
    const most = head.keptValue.map((kept, j) =>
      Math.max(Math.abs(kept), Math.abs(head.maskedValue[j])));
    const ratios = pairs.map(([v, g]) => (v === 0 ? 0 : Math.abs(v) / g));
    return Math.min(Math.max(...ratios), (total(most) + Math.abs(head.restValue)) / low);
  }

  /**
   * 1/D of each head as a sum of exponentials, so that e^{-uD} is a product over words: calls
   * `visit(head, x, y, weight)` for each node u, where word j is a factor x_j if it is kept and
   * y_j if it is masked. Weights g are taken above the lighter of the two states, so that one of
   * x_j, y_j is 1. Returns a bound on the error of a mean of f.
   */
  function integrate({ heads }, rule, visit) {
    const K = heads.length;
    let error = 0;
    for (const head of heads) {
      const { keptWeight, maskedWeight } = head;
      const lighter = keptWeight.map((g, j) => Math.min(g, maskedWeight[j]));
      const low = head.restWeight + total(lighter);
      const high = head.restWeight + total(keptWeight.map((g, j) => Math.max(g, maskedWeight[j])));
      const nodes = reciprocalRule(rule, low, high);
      error += (nodes.error * largestValue(head, low)) / K;
      nodes.u.forEach((u, n) => {
        const x = keptWeight.map((g, j) => Math.exp(-u * (g - lighter[j])));
        const y = maskedWeight.map((g, j) => Math.exp(-u * (g - lighter[j])));
        visit(head, x, y, (nodes.w[n] * Math.exp(-u * low)) / K);
      });
    }
    return error;
  }

  // ---- LIME and Shapley values

  /**
   * Averages of f over the masks of one size, exactly: E[f | m words kept] (d + 1), and for each of
   * the weights w (d + 1) over the sizes 0 < m < d the sums Σ_m w_m E[z_j f | m] (d).
   *
   * The means over masks of a size grow word by word: of k words the last is kept in a share m / k
   * of the masks. The derivative of the weighted sum with respect to a kept word's factor, all
   * words in one pass back, is the second result. `error` bounds the error of each mean of f.
   * O(K nodes d²).
   */
  function bySize(game, weights, rule) {
    const { d } = game, width = d + 2; // column m + 1 holds size m, so that m - 1 exists
    const E = zeros((d + 1) * width), G = zeros((d + 1) * width); // means of e^{-uD}, of N e^{-uD}
    const backE = zeros(width + 1), backG = zeros(width + 1);
    const means = zeros(d + 1), sums = weights.map(() => zeros(d));
    const error = integrate(game, rule, ({ restValue, keptValue, maskedValue }, x, y, factor) => {
      E[1] = 1;
      G[1] = restValue;
      for (let k = 1; k <= d; k++) {
        const j = k - 1, kept = keptValue[j], masked = maskedValue[j];
        for (let m = 0; m <= k; m++) {
          const on = (m / k) * x[j], off = (1 - m / k) * y[j], above = j * width + m + 1;
          E[above + width] = on * E[above - 1] + off * E[above];
          G[above + width] = on * (G[above - 1] + kept * E[above - 1])
            + off * (G[above] + masked * E[above]);
        }
      }
      for (let m = 0; m <= d; m++) means[m] += factor * G[d * width + m + 1];
      weights.forEach((weight, r) => {
        for (let m = 0; m <= d; m++) {
          backG[m + 1] = m > 0 && m < d ? weight[m] : 0;
          backE[m + 1] = 0;
        }
        for (let k = d; k >= 1; k--) {
          const j = k - 1, kept = keptValue[j], masked = maskedValue[j];
          let sum = 0;
          for (let m = 0; m <= k; m++) {
            const on = (m / k) * x[j], off = (1 - m / k) * y[j], above = j * width + m + 1;
            const g = backG[m + 1], e = backE[m + 1];
            sum += on * (g * (G[above - 1] + kept * E[above - 1]) + e * E[above - 1]);
            backG[m] += on * g;
            backE[m] += on * (e + kept * g);
            backG[m + 1] = off * g;
            backE[m + 1] = off * (e + masked * g);
          }
          sums[r][j] += factor * sum;
        }
      });
    });
    return { means, sums, error };
  }

  /**
   * Exact LIME and Shapley values of a game: `lime` and `shapley` (d), LIME's `intercept`, and
   * `certificate`, which bounds the error that the rule for 1/D leaves in every LIME coefficient.
   *
   * A Shapley value is the mean over m of E[f | m + 1, z_j = 1] - E[f | m, z_j = 0], that is
   * (f(1) - f(0)) / d + M_j - mean of M, with M_j = Σ_{0<m<d} E[z_j f | m] d / (m (d - m)).
   */
  function exact(game, bandwidth, rule) {
    const { d } = game, full = value(game, zeros(d).fill(1)), empty = value(game, zeros(d));
    const change = full - empty;
    if (d === 1) {
      const one = Float64Array.of(change);
      return { lime: one, shapley: one, intercept: empty, certificate: 0 };
    }
    const { omega, mean, deviation, variance, gap } = sizes(d, bandwidth);
    const orders = omega.map((_, m) => d / (m * (d - m)));
    const { means, sums, error } = bySize(game, [omega, orders], rule);
    means[0] = empty;
    means[d] = full;
    const steep = omega.map((w, m) => (w * deviation[m]) / variance);
    const lime = coefficients(dot(steep, means), sums[0], gap);
    const mass = total(steep.slice(1, d).map(Math.abs));
    return {
      lime,
      shapley: coefficients(change / d, sums[1], 1),
      intercept: dot(omega, means) - (mean * total(lime)) / d,
      certificate: error * (mass + 2 * (1 - 1 / d)),
    };
  }

  // ---- one curve for each word

  /**
   * m_j(p) = E_p[f(z_j = 1) - f(z_j = 0)], the other words kept independently with probability p:
   * an array (d) for each of the probabilities, from 0 to 1. O(K nodes d) for each.
   *
   * With φ = p x + (1 - p) y for each word, P = Π φ and P T = E[N e^{-uD}], the difference in one
   * factor is P ((x - y) T / φ + b x y / φ²).
   */
  function curves(game, probabilities, rule) {
    const { d } = game, phi = zeros(d);
    const found = probabilities.map((p) => {
      if (p === 0) return core.addedFirst(game);
      return p === 1 ? core.leaveOneOut(game) : zeros(d);
    });
    const inside = [...probabilities.keys()].filter((q) => probabilities[q] % 1);
    integrate(game, rule, ({ restValue, keptValue, maskedValue }, x, y, weight) => {
      for (const q of inside) {
        const p = probabilities[q], row = found[q];
        let product = weight, T = restValue;
        for (let j = 0; j < d; j++) {
          phi[j] = p * x[j] + (1 - p) * y[j];
          product *= phi[j];
          T += (p * keptValue[j] * x[j] + (1 - p) * maskedValue[j] * y[j]) / phi[j];
        }
        for (let j = 0; j < d; j++) {
          const own = ((keptValue[j] - maskedValue[j]) * x[j] * y[j]) / phi[j];
          row[j] += (product * ((x[j] - y[j]) * T + own)) / phi[j];
        }
      }
    });
    return found;
  }

  // ---- the registry, continued

  const banzhaf = (model, reading) => curves(core.game(reading), [0.5], model.rule)[0];

  /** Scores (d) of the text's distinct words by the method of that key, one that is quick. */
  function explain(model, reading, key) {
    return key === "banzhaf" ? banzhaf(model, reading) : core.explain(model, reading, key);
  }

  return {
    ...core, explain, exact, curves, integrate,
    quick: [...core.quick, "banzhaf"], slow: ["lime", "shapley"], // what `exact` finds
  };
}
