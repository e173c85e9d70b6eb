// All attention on three tokens, and the output of the micro-example for each.
"use strict";

(() => {
  const { clamp, sum } = pictures;

  // the micro-example: its logits and its values; an attention is three weights

  const LOGITS = [1, 0, 1];
  const VALUES = [0, -1, 2];
  const mass = sum(LOGITS.map(Math.exp));
  const MODEL = LOGITS.map((l) => Math.exp(l) / mass);

  const output = (weights) => sum(weights.map((a, t) => a * VALUES[t]));
  const mix = (a, b, share) => a.map((x, t) => (1 - share) * x + share * b[t]);

  /** Jensen-Shannon divergence of two attentions in nats; from 0 to log 2. */
  function divergence(a, b) {
    const entropy = (p, q) =>
      sum(p.map((x, t) => (x > 0 ? x * Math.log((2 * x) / (x + q[t])) : 0)));
    return (entropy(a, b) + entropy(b, a)) / 2;
  }

  /** The two ends of the segment of attentions with the output f: each on an edge. */
  function ends(f) {
    const found = [];
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const share = (f - VALUES[j]) / (VALUES[i] - VALUES[j]);
      if (share < 0 || share > 1) continue;
      const end = [0, 0, 0];
      [end[i], end[j]] = [share, 1 - share];
      found.push(end);
    }
    return [found[0], found.at(-1)]; // where a corner has the output f, two of them are this corner
  }

  const SAME = output(MODEL);
  const ENDS = ends(SAME);
  const FARTHEST = ENDS.reduce((a, b) => (divergence(MODEL, b) > divergence(MODEL, a) ? b : a));
  const OTHER = ENDS.find((x) => x !== FARTHEST);
  const isSame = (weights) => Math.abs(output(weights) - SAME) < 1e-9;

  /** Weights that are not negative and add up to 1. */
  function attention(weights) {
    const kept = weights.map((x) => Math.max(x, 0));
    return kept.map((x) => x / sum(kept));
  }

  /** One step along the segment's direction, which leaves the output, or up or down to another. */
  function step(weights, [right, up]) {
    if (right) {
      const way = OTHER.map((x, t) => (x - FARTHEST[t]) * 0.05 * right);
      const room = weights.map((x, t) => (way[t] < 0 ? -x / way[t] : 1));
      return attention(weights.map((x, t) => x + way[t] * Math.min(1, ...room)));
    }
    const mean = sum(VALUES) / 3;
    const steepest = VALUES.map((u) => u - mean);
    const slope = sum(steepest.map((x) => x * x));
    const before = output(weights) - SAME;
    let rise = 0.05 * up;
    if (!isSame(weights) && before * (before + rise) < 0) rise = -before; // stop at the segment
    return attention(weights.map((x, t) => x + (rise * steepest[t]) / slope));
  }

  /** Where an attention stands in a triangle with these corners. */
  const place = (weights, at) => [0, 1].map((n) => sum(weights.map((x, t) => x * at[t][n])));

  /** The attention at a place, in or beside the triangle; near the segment it snaps to it. */
  function weightsAt([px, py], at) {
    const [[x0, y0], [x1, y1], [x2]] = at;
    const top = (py - y1) / (y0 - y1);
    const right = (px - x1 - top * (x0 - x1)) / (x2 - x1);
    const [a, b] = [FARTHEST, OTHER].map((end) => place(end, at));
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const share = clamp(((px - a[0]) * dx + (py - a[1]) * dy) / (dx * dx + dy * dy), 0, 1);
    if (Math.hypot(px - a[0] - share * dx, py - a[1] - share * dy) < 9)
      return mix(FARTHEST, OTHER, share);
    return attention([top, 1 - top - right, right]);
  }

  pictures.triangle = {
    MODEL,
    VALUES,
    SAME,
    ENDS,
    FARTHEST,
    output,
    divergence,
    ends,
    isSame,
    step,
    place,
    weightsAt,
  };
})();
