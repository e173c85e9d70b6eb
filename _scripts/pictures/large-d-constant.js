// LIME's masks: which texts they ask about, and what follows for the constant c(r).
"use strict";

(() => {
  const { clamp, number, svg, line, label, path, scale, logScale, mount } = pictures;
  const { masks, constant, root, quantile, tooLarge, weight, bandwidthOf, lawOf } =
    pictures.largeDConstant;

  const R = [0.0009, 3];
  const TOP = 3.2;
  const LIMIT = [0.001, 3];
  const START = { r: 0.05, notch: 80 };
  const WIDEST = masks(Infinity);
  const SHARES = Array.from({ length: 121 }, (_, n) => n / 120);
  const RATIOS = Array.from({ length: 90 }, (_, n) => R[0] * (R[1] / R[0]) ** (n / 89));
  const ASYMPTOTE = RATIOS.map((r) => [r, constant(r, WIDEST)]);

  /** Two panels side by side, or one below the other; the strip of documents is below c(r). */
  function layout({ width, height }) {
    const wide = width > 560;
    const strip = 104;
    const bottom = height - 36;
    const left = {
      from: 26,
      to: wide ? width * 0.36 : width - 8,
      top: 26,
      bottom: wide ? bottom - strip : height * 0.33,
    };
    const right = {
      from: wide ? width * 0.36 + 52 : 52,
      to: width - 8,
      top: wide ? 26 : height * 0.33 + 66,
      bottom: bottom - strip,
    };
    const y = (panel) => scale([0, TOP], [panel.bottom, panel.top]);
    return {
      left,
      right,
      bottom,
      strip,
      p: scale([0, 1], [left.from, left.to]),
      yLeft: y(left),
      r: logScale(R, [right.from, right.to]),
      yRight: y(right),
    };
  }

  function draw({ r, notch }, size) {
    const at = layout(size);
    const law = lawOf(notch);
    const c = constant(r, law);
    const limit = root(law);
    const nodes = [];
    const panels = Object.entries({ left: at.yLeft, right: at.yRight });
    for (const [name, y] of panels) {
      const panel = at[name];
      for (const v of [0, 1, 2, 3])
        nodes.push(
          line(panel.from, y(v), panel.to, y(v), "grid"),
          label(number(v, 0), panel.from - 6, y(v) + 4, "end"),
        );
      nodes.push(
        line(panel.from, y(1.5), panel.to, y(1.5), "paper"),
        line(panel.from, y(c), panel.to, y(c), "output"),
      );
    }
    return [
      ...nodes,
      ...drawMasks(r, bandwidthOf(notch), at),
      ...drawConstant(law, c, at, r),
      ...drawDocuments(limit, at, r),
    ];
  }

  function drawMasks(r, bandwidth, { left, p, yLeft }) {
    const w = SHARES.map((x) => weight(x, 1 - x, bandwidth));
    const largest = Math.max(...w);
    const hill = SHARES.map((x, n) => [p(x), yLeft((1.3 * w[n]) / largest)]);
    const gain = SHARES.map((x) => [x, 1 / (r + (1 - r) * x)]).filter(([, v]) => v <= TOP);
    return [
      path([...hill, [p(1), yLeft(0)], [p(0), yLeft(0)]], "masks"),
      path(
        gain.map(([x, v]) => [p(x), yLeft(v)]),
        "gain",
      ),
      label("gain of a kept word", left.to, 16, "end", "strong"),
      label(
        "LIME's texts",
        p(Math.min(SHARES[w.indexOf(largest)], 0.82)),
        yLeft(0.45),
        "middle",
        "strong",
      ),
      ...[0, 0.5, 1].map((v) =>
        label(`${100 * v} %`, p(v), left.bottom + 17, v === 1 ? "end" : "middle"),
      ),
      label("of the words kept", (left.from + left.to) / 2, left.bottom + 34, "middle"),
    ];
  }

  function drawConstant(law, c, { right, r, yRight }, chosen) {
    const way = r(chosen) > right.to - 70 ? -1 : 1;
    const spots = (curve) => curve.map(([x, c]) => [r(x), yRight(c)]);
    return [
      path(spots(ASYMPTOTE), "widest"),
      path(spots(RATIOS.map((x) => [x, constant(x, law)])), "constant"),
      label("c(r), the mean gain", right.to, right.top - 10, "end", "strong"),
      label("3/2", right.to, yRight(1.5) + (c > 1.5 ? 15 : -6), "end"),
      label(
        `c = ${number(c)}`,
        r(chosen) + 12 * way,
        yRight(c) - 11,
        way < 0 ? "end" : "start",
        "strong",
      ),
      label("ν = ∞", right.from + 4, yRight(2.97) - 6),
    ];
  }

  const box = (x, y, width, height) => svg("rect", { x, y, width, height, class: "box" });

  /** One strip for each head, blue where 3/2 is too small and vermilion where it is too large. */
  function drawDocuments(limit, { right, bottom, strip, r }, chosen) {
    const first = bottom - strip + 14;
    const row = (strip - 18) / 6;
    const share = (r(Math.max(limit, R[0])) - right.from) / (right.to - right.from);
    const stop = (kind) => svg("stop", { offset: share, class: kind });
    const [x1, x2] = [right.from, right.to];
    const across = { id: "picture-split", gradientUnits: "userSpaceOnUse", x1, x2, y1: 0, y2: 0 };
    const nodes = [svg("linearGradient", across, stop("too-small"), stop("too-large"))];
    pictures.survivors.forEach((head, i) => {
      const middle = first + row * (i + 0.5);
      const half = row * 0.36;
      const beside = (n) => middle + (((37 * n) % 100) / 50 - 1) * half; // so that dots do not hide
      const dots = head.map((value, n) => `M${r(value).toFixed(1)},${beside(n).toFixed(1)}h0`);
      nodes.push(
        svg("path", { d: dots.join(""), class: "documents", stroke: "url(#picture-split)" }),
      );
      const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => r(quantile(head, q)));
      const [low, from, mid, to, high] = quantiles;
      nodes.push(
        line(low, middle, from, middle, "box"),
        line(to, middle, high, middle, "box"),
        box(from, middle - half, to - from, 2 * half),
        line(mid, middle - half, mid, middle + half, "box median"),
        label(`head ${i + 1}`, right.from - 6, middle + 4, "end"),
      );
    });
    nodes.push(line(r(chosen), right.top, r(chosen), bottom - 2, "chosen"));
    for (const v of [0.001, 0.01, 0.1, 1]) nodes.push(label(`${v}`, r(v), bottom + 14, "middle"));
    nodes.push(
      label("r, the attention that survives", (right.from + right.to) / 2, bottom + 31, "middle"),
    );
    return nodes;
  }

  function words({ r, notch }) {
    const law = lawOf(notch);
    const c = constant(r, law);
    const side = c > 1.5 ? "small" : "large";
    const here = `c = ${number(c)} at r = ${r.toPrecision(2)}, ν = ${nameOf(notch)}`;
    const share = `too large in ${number(100 * tooLarge(law), 0)}\u00a0% (vermilion)`;
    return `${here}: 3/2 is too ${side}. In 500 documents and six heads it is ${share}.`;
  }
  const nameOf = (notch) => (notch >= 100 ? "∞" : number(bandwidthOf(notch)));

  const handle = {
    name: "r, the attention that survives",
    place: ({ r, notch }, size) => {
      const at = layout(size);
      return [at.r(r), at.yRight(constant(r, lawOf(notch)))];
    },
    to: (state, [x], size) => ({ ...state, r: clamp(layout(size).r.invert(x), ...LIMIT) }),
    step: (state, [right, up]) => ({ ...state, r: clamp(state.r * 1.1 ** (right + up), ...LIMIT) }),
    value: ({ r, notch }) => ({
      now: r,
      min: LIMIT[0],
      max: LIMIT[1],
      text: `r = ${r.toPrecision(2)}; constant ${number(constant(r, lawOf(notch)))}`,
    }),
  };
  const slider = {
    label: "bandwidth ν",
    min: 0,
    max: 100,
    get: ({ notch }) => notch,
    set: (state, notch) => ({ ...state, notch }),
    text: ({ notch }) => nameOf(notch),
  };

  mount("fig-large-d-constant", {
    start: START,
    draw,
    words,
    handles: [handle],
    sliders: [slider],
  });
})();
