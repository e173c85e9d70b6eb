// All attention on three tokens: drag it, and see what the output does.
"use strict";

(() => {
  const { number, svg, line, label, path, scale, mount } = pictures;
  const { MODEL, VALUES, SAME, ENDS, FARTHEST, output, divergence, ends, isSame } =
    pictures.triangle;
  const { step, place, weightsAt } = pictures.triangle;
  const NAMES = ["[CLS]", "not", "good"];

  // The output stands beside the triangle, or above its right corner where there is less room.
  const isWide = (width) => width > 480;

  function corners({ width, height }) {
    const room = width - (isWide(width) ? 132 : 36);
    const side = Math.min(room, (height - 56) / Math.sqrt(0.75));
    const left = 18;
    const bottom = height - 30;
    return [
      [left + side / 2, bottom - side * Math.sqrt(0.75)],
      [left, bottom],
      [left + side, bottom],
    ];
  }

  function draw({ weights }, size) {
    const at = corners(size);
    const spot = (x) => place(x, at);
    const nodes = [svg("path", { d: `M${at.join("L")}Z`, class: "triangle" })];
    for (const level of [-0.5, 0, 0.5, 1, 1.5]) {
      const [a, b] = ends(level).map(spot);
      const [x, y] = a[1] > b[1] ? a : b;
      nodes.push(
        path([a, b], "level"),
        label(number(level, 1), x, y + (y > at[1][1] - 1 ? -5 : 4), "middle", "quiet"),
      );
    }
    nodes.push(path(ENDS.map(spot), "same"));
    const [fx, fy] = spot(FARTHEST);
    nodes.push(
      svg("rect", { x: fx - 6, y: fy - 6, width: 12, height: 12, class: "farthest" }),
      label("farthest", fx - 4, fy - 24, "end", "strong"),
    );
    const [mx, my] = spot(MODEL);
    nodes.push(
      svg("circle", { cx: mx, cy: my, r: 5, class: "model" }),
      label("the model's", mx + 15, my + 5, "start", "strong"),
    );
    const where = [
      ["middle", 0, -9],
      ["start", -14, 20],
      ["end", 14, 20],
    ];
    NAMES.forEach((name, t) => {
      const [anchor, dx, dy] = where[t];
      const text = `all on ${name}: ${number(VALUES[t], 0)}`;
      nodes.push(label(text, at[t][0] + dx, at[t][1] + dy, anchor, "token"));
    });
    return [...nodes, ...gauge(weights, size)];
  }

  /** The output as a level between the lowest and the highest value. */
  function gauge(weights, { width, height }) {
    const x = width - 56;
    const low = isWide(width) ? height - 30 : height * 0.36;
    const y = scale([-1, 2], [low, 30]);
    const f = output(weights);
    const kind = isSame(weights) ? "same" : "moved";
    const nodes = [label("output", x, 14, "middle"), line(x, y(-1), x, y(2), "tick")];
    for (const v of [-1, 0, 1, 2])
      nodes.push(line(x - 4, y(v), x, y(v), "tick"), label(number(v, 0), x - 8, y(v) + 4, "end"));
    nodes.push(
      svg("rect", {
        x: x + 2,
        y: Math.min(y(f), y(SAME)),
        width: 9,
        height: Math.abs(y(f) - y(SAME)),
        class: "gap",
      }),
    );
    nodes.push(
      line(x - 2, y(SAME), x + 22, y(SAME), "output"),
      svg("circle", { cx: x, cy: y(f), r: 6, class: kind }),
    );
    nodes.push(label(number(f), x + 13, y(f) + (f < SAME ? 17 : -8), "start", "strong"));
    return nodes;
  }

  function words({ weights }) {
    const f = output(weights);
    const away = f - SAME;
    const [own, most] = [weights, FARTHEST].map((x) => number(divergence(MODEL, x)));
    const far = `from attention at a divergence of ${own} from the model's, of at most ${most}`;
    if (isSame(weights)) return `Same output, ${number(f)}, ${far}.`;
    const side = `${number(Math.abs(away))} ${away < 0 ? "below" : "above"} the model's`;
    return `Another output, ${number(f)}, ${side}: this attention is off the blue segment.`;
  }

  function table({ weights }) {
    const body = NAMES.map((name, t) => [
      name,
      number(VALUES[t]),
      { text: number(MODEL[t]), bar: MODEL[t] },
      { text: number(weights[t]), bar: weights[t] },
    ]);
    return {
      head: ["token", "value u", "the model's α", "your α"],
      body: [...body, ["output", "", number(SAME), number(output(weights))]],
    };
  }

  const handle = {
    name: "your attention",
    place: ({ weights }, size) => place(weights, corners(size)),
    to: (state, pixels, size) => ({ weights: weightsAt(pixels, corners(size)) }),
    step: ({ weights }, by) => ({ weights: step(weights, by) }),
    value: ({ weights }) => {
      const shares = NAMES.map((name, t) => `${number(weights[t])} on ${name}`).join(", ");
      const now = output(weights);
      return { now, min: -1, max: 2, text: `${shares}; output ${number(now)}` };
    },
  };

  mount("fig-triangle", {
    start: { weights: MODEL },
    draw,
    words,
    table,
    handles: [handle],
    sliders: [],
  });
})();
