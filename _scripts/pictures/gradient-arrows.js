// Three tokens to drag: what the gradient does with each of them.
"use strict";

(() => {
  const { clamp, sum, number, svg, line, label, arrow, scale, mount } = pictures;
  const { MICRO, read } = pictures.gradientArrows;
  const NAMES = ["[CLS]", "not", "good"];

  const START = { embeddings: MICRO, moved: 2 };
  const X = [-0.5, 2];
  const Y = [-1.2, 2.4]; // where a token may go
  const scales = ({ width, height }) => ({
    x: scale([-0.95, 2.6], [34, width - 2]),
    y: scale([-1.8, 3.4], [height - 40, 2]),
  });

  function draw(state, size) {
    const { x, y } = scales(size);
    const found = read(state.embeddings);
    const right = size.width - 2;
    const f = y(found.output);
    const bottom = size.height - 40;
    const away = x(state.embeddings[state.moved][0]) > (34 + right) / 2; // the token that moves
    const band = (top, height, kind) =>
      svg("rect", { x: 34, y: top, width: right - 34, height: Math.max(height, 0), class: kind });
    const nodes = [
      band(2, f - 2, "band above"),
      band(f, bottom - f, "band below"),
      line(34, f, right, f, "output"),
      label("more attention pays", right - 6, 18, "end"),
      away
        ? label(`output f = ${number(found.output)}`, 40, f - 7, "start", "strong")
        : label(`output f = ${number(found.output)}`, right - 6, f - 7, "end", "strong"),
      label("less attention pays", right - 6, bottom - 8, "end"),
    ];
    for (const v of [-1, 0, 1, 2])
      nodes.push(
        line(x(v), bottom, x(v), bottom + 5, "tick"),
        label(number(v, 0), x(v), bottom + 18, "middle"),
      );
    for (const v of [-1, 0, 1, 2, 3])
      nodes.push(line(29, y(v), 34, y(v), "tick"), label(number(v, 0), 26, y(v) + 4, "end"));
    nodes.push(
      label(
        found.query === 1 ? "logit l" : `logit l, divided by the query ${number(found.query)}`,
        (34 + right) / 2,
        size.height - 6,
        "middle",
      ),
      label("value u", 40, 18),
    );
    NAMES.forEach((name, t) => nodes.push(...drawToken(t, state, found, { x, y })));
    return nodes;
  }

  /** A token, its attention as a disc, and its arrows, with their names if it moved last. */
  function drawToken(t, { embeddings, moved }, found, { x, y }) {
    const [a, b] = embeddings[t];
    const up = found.attention[t];
    const side = found.query * found.pulls[t];
    const at = (dx, dy) => [x(a + dx), y(b + dy)];
    const [gx, gy] = found.gradient[t];
    const way = side < 0 ? -1 : 1;
    const anchor = (sign) => (sign < 0 ? "end" : "start");
    const [tipX, tipY] = at(gx, gy);
    const [keyX, keyY] = at(side / 2, up);
    const [, halfway] = at(0, up / 2);
    const nodes = [
      svg("circle", { cx: x(a), cy: y(b), r: 34 * Math.sqrt(up), class: "attention" }),
      arrow(at(0, 0), [tipX, tipY], "sum"),
      arrow(at(0, 0), at(0, up), "lift"),
      arrow(at(0, up), at(side, up), found.pulls[t] < 0 ? "negative key" : "positive key"),
      label(NAMES[t], x(a) + 13, y(b) + 21, "start", "token"),
    ];
    const low = up - 0.1; // so that two opposite arrows do not hide each other
    if (t === 0) nodes.push(arrow(at(side, low), at(gx, low), "query"));
    const [long, free] = [Math.hypot(tipX - x(a), tipY - y(b)) > 26, way > 0 || tipX > 96];
    if (t !== moved || !long) return nodes;
    return [
      ...nodes,
      label("α val", x(a) - 12 * way, halfway + 4, anchor(-way), "strong"),
      label("α (u − f) key", keyX, keyY - 8, "middle", "strong"),
      ...(free ? [label("gradient", tipX + 6 * way, tipY + 8, anchor(way), "strong")] : []),
      ...(t
        ? []
        : [label("through the query", at(gx, low)[0], at(gx, low)[1] + 18, "middle", "strong")]),
    ];
  }

  function words({ embeddings, moved }) {
    const found = read(embeddings);
    const gap = found.values[moved] - found.output;
    const [side, more] = gap < 0 ? ["below", "less"] : ["above", "more"];
    const output = number(found.output),
      rate = number(Math.abs(found.pulls[moved]));
    const where = `${NAMES[moved]} lies ${number(Math.abs(gap))} ${side} the output ${output}`;
    const pull = `${more} attention to it pays, at the rate ${rate}`;
    const query = `; its query moves the output at the rate ${number(found.throughQuery)}`;
    return `${where}: ${pull}${moved ? "" : query}.`;
  }

  function table({ embeddings }) {
    const { logits, values, attention, contributions, output, pulls } = read(embeddings);
    const body = NAMES.map((name, t) => [
      name,
      number(logits[t]),
      number(values[t]),
      { text: number(attention[t]), bar: attention[t] },
      number(contributions[t]),
      number(pulls[t]),
    ]);
    const last = ["sum", "", "", "1.00", number(output), number(sum(pulls))];
    return {
      head: ["token", "logit l", "value u", "attention α", "α u", "α (u − f)"],
      body: [...body, last],
    };
  }

  const handles = NAMES.map((name, t) => {
    const put = ({ embeddings }, [a, b]) => ({
      embeddings: embeddings.map((e, s) => (s === t ? [clamp(a, ...X), clamp(b, ...Y)] : e)),
      moved: t,
    });
    return {
      name,
      place: ({ embeddings }, size) => [
        scales(size).x(embeddings[t][0]),
        scales(size).y(embeddings[t][1]),
      ],
      to: (state, [px, py], size) =>
        put(state, [scales(size).x.invert(px), scales(size).y.invert(py)]),
      step: (state, [right, up]) => {
        const [a, b] = state.embeddings[t]; // steps of a tenth, without their rounding errors
        return put(state, [Math.round(10 * a + right) / 10, Math.round(10 * b + up) / 10]);
      },
      value: ({ embeddings }) => {
        const [a, b] = embeddings[t];
        return {
          now: b,
          min: Y[0],
          max: Y[1],
          text: `value ${number(b)}, ${t ? "first coordinate" : "query"} ${number(a)}`,
        };
      },
    };
  });

  mount("fig-gradient-arrows", { start: START, draw, words, table, handles, sliders: [] });
})();
