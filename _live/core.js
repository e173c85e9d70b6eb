/**
 * What the live pages compute: the classifier and its explanations, from two small tables.
 * Exact averages over masks are in `averages.js`, and those of pairs in `pairs.js`.
 *
 * [CLS] is the same in every text, so that a word's logit and projected value in each head are two
 * numbers, and a position adds two more. Everything else follows from them, as in the book.
 * No page is needed: the functions take and return numbers, and a worker runs the same text.
 *
 * Letters: K heads, T_max positions, T tokens of the text with [CLS], d distinct words.
 * A "row for each head" is an array of K Float64Arrays.
 */
function attentionCore() {
  "use strict";

  const UNK = 0, CLS = 1; // as in the vocabulary
  const zeros = (n) => new Float64Array(n);
  const total = (x) => x.reduce((sum, value) => sum + value, 0);
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  const perHead = (K, make) => Array.from({ length: K }, (_, i) => make(i));

  // ---- the model

  /** Whole numbers in base64, 32 bits each, times `scale`: a Float64Array. */
  function unpack({ scale, base64 }) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return Float64Array.from(new Int32Array(bytes.buffer), (whole) => whole * scale);
  }

  /** The tables as `data.js` has them, made ready: `ids` of words, and one array for each table. */
  function load(data) {
    const tables = Object.entries(data.tables).map(([name, packed]) => [name, unpack(packed)]);
    const ids = new Map(data.words.split(" ").map((word, id) => [word, id]));
    return { ...data, ...Object.fromEntries(tables), ids };
  }

  /** Lower-case words: runs of letters, digits and underscores, as Python's \w+ finds them. */
  function tokenize(text) {
    return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) || [];
  }

  /**
   * One text inside the model.
   * `logits`, `values`, `maskedLogits`, `maskedValues`, `attention`: rows (T_max) for each head;
   * `labels` the d distinct words, `place[t - 1]` which of them stands at position t,
   * `known[j]` whether the model knows word j, `cut` the words that it has no room for.
   */
  function read(model, text) {
    const { heads: K, T_max } = model;
    const words = tokenize(text);
    const kept = words.slice(0, T_max - 1);
    const ids = [CLS, ...kept.map((word) => model.ids.get(word) ?? UNK)];
    const look = (byWord, byPosition, id) => perHead(K, (i) => Float64Array.from(
      { length: T_max }, (_, t) => byWord[id(t) * K + i] + byPosition[t * K + i]));
    const token = (t) => ids[t] ?? UNK, masked = (t) => (t === 0 ? CLS : UNK);
    const logits = look(model.wordLogit, model.positionLogit, token);
    const values = look(model.wordValue, model.positionValue, token);
    const attention = logits.map(softmax);
    const headOutputs = attention.map((alpha, i) => dot(alpha, values[i]));
    const labels = [...new Set(kept)];
    const index = new Map(labels.map((word, j) => [word, j]));
    return {
      text, words: kept, cut: words.slice(T_max - 1), T: ids.length, labels,
      place: kept.map((word) => index.get(word)),
      known: labels.map((word) => model.ids.has(word)),
      logits, values, attention, headOutputs, output: total(headOutputs) / K,
      maskedLogits: look(model.wordLogit, model.positionLogit, masked),
      maskedValues: look(model.wordValue, model.positionValue, masked),
    };
  }

  function softmax(logits) {
    const top = Math.max(...logits);
    const weights = logits.map((l) => Math.exp(l - top));
    const sum = total(weights);
    return weights.map((g) => g / sum);
  }

  /** Scores of tokens 1 to T - 1, added up over the places of each distinct word: (d). */
  function byWord(reading, score) {
    const scores = zeros(reading.labels.length);
    reading.place.forEach((j, t) => { scores[j] += score(t + 1); });
    return scores;
  }

  // ---- attention and gradients

  const meanOfHeads = ({ attention }, term) => (t) =>
    attention.reduce((sum, alpha, i) => sum + term(i, t, alpha[t]), 0) / attention.length;

  /** ∂f_i/∂l_t = α_t (u_t - f_i). */
  const slope = (reading, i, t, alpha) => alpha * (reading.values[i][t] - reading.headOutputs[i]);

  /** ∇_{e_t} f = mean_i α_t [val + (u_t - f_i) key], for a token other than [CLS]: (d_e). */
  function gradient(model, reading, t) {
    const { heads: K, d_e, keyDirection, valueDirection } = model, found = zeros(d_e);
    for (let i = 0; i < K; i++) {
      const alpha = reading.attention[i][t] / K, steep = slope(reading, i, t, alpha);
      for (let c = 0; c < d_e; c++) {
        found[c] += alpha * valueDirection[i * d_e + c] + steep * keyDirection[i * d_e + c];
      }
    }
    return found;
  }

  /** Integrated gradients from the all-[UNK] document, by a Gauss-Legendre rule: (d). */
  function integratedGradients(model, reading) {
    const { nodes, weights } = model.legendre, { T } = reading, K = model.heads;
    const scores = zeros(T);
    for (let i = 0; i < K; i++) {
      const l0 = reading.maskedLogits[i], l1 = reading.logits[i];
      const u0 = reading.maskedValues[i], u1 = reading.values[i];
      const top = Math.max(...l0, ...l1);
      const g = zeros(T), u = zeros(T);
      let restD = 0, restN = 0; // [CLS] and the padding stay as they are all the way
      l0.forEach((l, t) => {
        if (t > 0 && t < T) return;
        restD += Math.exp(l - top);
        restN += Math.exp(l - top) * u0[t];
      });
      nodes.forEach((tau, q) => {
        let D = restD, N = restN;
        for (let t = 1; t < T; t++) {
          g[t] = Math.exp(l0[t] + tau * (l1[t] - l0[t]) - top);
          u[t] = u0[t] + tau * (u1[t] - u0[t]);
          D += g[t];
          N += g[t] * u[t];
        }
        for (let t = 1; t < T; t++) {
          const moved = u1[t] - u0[t] + (u[t] - N / D) * (l1[t] - l0[t]);
          scores[t] += (weights[q] * g[t] * moved) / D / K;
        }
      });
    }
    return byWord(reading, (t) => scores[t]);
  }

  // ---- the game of masks

  /**
   * f(z) = mean_i N_i(z) / D_i(z): for each head the weights and the weighted values of every word,
   * kept and masked (d each), and of the rest, [CLS] and the padding (one number each).
   */
  function game(reading) {
    const { labels, T } = reading, d = labels.length;
    const heads = reading.logits.map((logits, i) => {
      const masked = reading.maskedLogits[i];
      const top = Math.max(...logits, ...masked);
      const head = {
        keptWeight: zeros(d), keptValue: zeros(d), maskedWeight: zeros(d), maskedValue: zeros(d),
        restWeight: 0, restValue: 0,
      };
      logits.forEach((logit, t) => {
        const g = Math.exp(logit - top), value = g * reading.values[i][t];
        if (t > 0 && t < T) {
          const j = reading.place[t - 1], gap = Math.exp(masked[t] - top);
          head.keptWeight[j] += g;
          head.keptValue[j] += value;
          head.maskedWeight[j] += gap;
          head.maskedValue[j] += gap * reading.maskedValues[i][t];
        } else {
          head.restWeight += g;
          head.restValue += value;
        }
      });
      return head;
    });
    return { d, heads };
  }

  /** N and D of one head for a mask z (d) of ones, for kept, and zeros. */
  function parts(head, z) {
    let N = head.restValue, D = head.restWeight;
    for (let j = 0; j < z.length; j++) {
      N += z[j] ? head.keptValue[j] : head.maskedValue[j];
      D += z[j] ? head.keptWeight[j] : head.maskedWeight[j];
    }
    return { N, D };
  }

  /** f(z). */
  function value({ heads }, z) {
    return heads.reduce((sum, head) => {
      const { N, D } = parts(head, z);
      return sum + N / D;
    }, 0) / heads.length;
  }

  /** f(z with word j) - f(z without it), for each word; of two equal forms the one that is safe. */
  function flips({ d, heads }, z) {
    const scores = zeros(d), on = z.slice(), off = z.slice();
    for (let j = 0; j < d; j++) {
      [on[j], off[j]] = [1, 0];
      for (const head of heads) {
        const kept = parts(head, on), masked = parts(head, off);
        const a = head.keptWeight[j] - head.maskedWeight[j];
        const b = head.keptValue[j] - head.maskedValue[j];
        const other = a > 0 ? masked.N / masked.D : kept.N / kept.D;
        scores[j] += (b - a * other) / Math.max(kept.D, masked.D) / heads.length;
      }
      on[j] = off[j] = z[j];
    }
    return scores;
  }

  /** f(1) - f(1 without word j), for each word. */
  const leaveOneOut = (game) => flips(game, zeros(game.d).fill(1));

  /** f(word j alone) - f(no word), for each word. */
  const addedFirst = (game) => flips(game, zeros(game.d));

  // ---- LIME

  /** LIME's weight of a mask that keeps this share of the words. */
  const kernel = (share, bandwidth) => Math.exp(-(((1 - Math.sqrt(share)) / bandwidth) ** 2) / 2);

  /**
   * LIME's sizes m = 0..d of kept words, d >= 2: shares ω (d + 1), m - E[m] (d + 1), Var m,
   * and `gap` = E[z_1 (1 - z_2)]. As many words are removed as a uniform number of 1..d says.
   */
  function sizes(d, bandwidth) {
    const m = Array.from({ length: d + 1 }, (_, size) => size);
    const weights = m.map((size) => (size < d ? kernel(size / d, bandwidth) : 0));
    const sum = total(weights), omega = weights.map((w) => w / sum);
    const mean = dot(omega, m), deviation = m.map((size) => size - mean);
    const variance = dot(omega, deviation.map((x) => x * x));
    const gap = dot(omega, m.map((size) => size * (d - size))) / (d * (d - 1));
    return { omega, mean, deviation, variance, gap };
  }

  /** Coefficients (d): a mean slope, the same for all words, and differences between words. */
  function coefficients(slope, moments, gap) {
    const mean = total(moments) / moments.length;
    return moments.map((moment) => slope + (moment - mean) / gap);
  }

  /** Mean-field law of LIME: each mean of N / D becomes the mean of N over the mean of D. (d) */
  function meanField(game, bandwidth) {
    const { d, heads } = game;
    if (d === 1) return Float64Array.of(value(game, [1]) - value(game, [0]));
    const { omega, deviation, variance, gap } = sizes(d, bandwidth);
    const scale = gap * (d - 1) / d; // Σ_m ω_m (m/d) (1 - m/d)
    const average = zeros(d + 1), moments = zeros(d);
    for (const head of heads) {
      const [keptD, maskedD] = [total(head.keptWeight), total(head.maskedWeight)];
      const [keptN, maskedN] = [total(head.keptValue), total(head.maskedValue)];
      let one = 0, two = 0; // Σ_m w / D and Σ_m w N / D²
      omega.forEach((weight, m) => {
        const p = m / d;
        const D = head.restWeight + p * keptD + (1 - p) * maskedD;
        const N = head.restValue + p * keptN + (1 - p) * maskedN;
        average[m] += N / D / heads.length;
        one += (weight * p * (1 - p)) / D;
        two += (weight * p * (1 - p) * N) / D ** 2;
      });
      for (let j = 0; j < d; j++) {
        const a = head.keptWeight[j] - head.maskedWeight[j];
        const b = head.keptValue[j] - head.maskedValue[j];
        moments[j] += (one * b - two * a) / heads.length;
      }
    }
    const steep = dot(omega.map((w, m) => w * deviation[m]), average) / variance;
    return coefficients(steep, moments, scale);
  }

  // ---- LIME by sampling, one mask at a time

  /** A mask (d) as LIME draws it: a uniform number 1..d of words is removed, any of that number. */
  function drawMask(d, random) {
    const z = zeros(d).fill(1), words = Array.from({ length: d }, (_, j) => j);
    const removed = 1 + Math.floor(random() * d);
    for (let n = 0; n < removed; n++) {
      const [j] = words.splice(Math.floor(random() * words.length), 1);
      z[j] = 0;
    }
    return z;
  }

  /**
   * Weighted least squares of outputs f on masks z, with the package's ridge penalty of 1 and a
   * free intercept: coefficients (d + 1), the intercept first.
   */
  function fit(masks, outputs, bandwidth) {
    const d = masks[0].length, b = zeros(d + 1);
    const A = Array.from({ length: d + 1 }, () => zeros(d + 1));
    masks.forEach((z, n) => {
      const row = [1, ...z], weight = kernel(total(z) / d, bandwidth);
      for (let i = 0; i <= d; i++) {
        if (!row[i]) continue;
        b[i] += weight * outputs[n];
        for (let j = 0; j <= i; j++) A[i][j] += weight * row[j];
      }
    });
    for (let j = 1; j <= d; j++) A[j][j] += 1;
    return solve(A, b);
  }

  /** x with A x = b, A positive definite and given by its lower triangle (Cholesky, in place). */
  function solve(A, b) {
    const n = b.length, x = Float64Array.from(b);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = A[i][j];
        for (let k = 0; k < j; k++) sum -= A[i][k] * A[j][k];
        A[i][j] = i === j ? Math.sqrt(sum) : sum / A[j][j];
      }
    }
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i] -= A[i][k] * x[k];
      x[i] /= A[i][i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] -= A[k][i] * x[k];
      x[i] /= A[i][i];
    }
    return x;
  }

  // ---- the registry: keys as in the book's `METHODS`

  const ofTokens = {
    "attention-average": (model, r) => meanOfHeads(r, (i, t, alpha) => alpha),
    "attention-maximum": (model, r) => (t) => Math.max(...r.attention.map((alpha) => alpha[t])),
    "gradient-mean": (model, r) => (t) => total(gradient(model, r, t)) / model.d_e,
    "gradient-l1": (model, r) => (t) => total(gradient(model, r, t).map(Math.abs)),
    "gradient-l2": (model, r) => (t) => Math.hypot(...gradient(model, r, t)),
    "gradient-times-input": (model, r) => meanOfHeads(r, (i, t, alpha) =>
      alpha * r.values[i][t] + r.logits[i][t] * slope(r, i, t, alpha)),
    contributions: (model, r) => meanOfHeads(r, (i, t, alpha) => alpha * r.values[i][t]),
  };
  const ofWords = {
    "integrated-gradients": integratedGradients,
    "mean-field-lime": (model, r) => meanField(game(r), model.bandwidth),
    "leave-one-out": (model, r) => leaveOneOut(game(r)),
  };

  /** Scores (d) of the text's distinct words by the method of that key, one that is quick. */
  function explain(model, reading, key) {
    if (key in ofWords) return ofWords[key](model, reading);
    return byWord(reading, ofTokens[key](model, reading));
  }

  return {
    zeros, total, dot, load, tokenize, read, explain, game, value, leaveOneOut, addedFirst,
    kernel, sizes, coefficients, drawMask, fit,
    quick: [...Object.keys(ofTokens), ...Object.keys(ofWords)], slow: [],
  };
}
