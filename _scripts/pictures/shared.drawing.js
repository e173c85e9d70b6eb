// What the pictures to drag are drawn with: numbers as text, elements, arrows, scales.
"use strict";

window.pictures = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

  /** A number with its digits and a real minus sign, never "−0.00". */
  function number(x, digits = 2) {
    const text = x.toFixed(digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
  }

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  const html = (tag, attributes = {}, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);

  const line = (x1, y1, x2, y2, kind) => svg("line", { x1, y1, x2, y2, class: kind });
  const label = (text, x, y, anchor = "start", kind = "quiet") =>
    svg("text", { x, y, "text-anchor": anchor, class: kind }, text);
  const path = (points, kind) =>
    svg("path", { d: `M${points.map(([x, y]) => `${x},${y}`).join("L")}`, class: kind });

  /** An arrow with a head, in pixels; one that is too short to see is left out. */
  function arrow([x1, y1], [x2, y2], kind) {
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (length < 0.5) return svg("g", { class: kind });
    const [a, b] = [(x2 - x1) / length, (y2 - y1) / length];
    const head = Math.min(9, length);
    const [x, y] = [x2 - a * head, y2 - b * head];
    const tip = [
      [x2, y2],
      [x - b * head * 0.45, y + a * head * 0.45],
      [x + b * head * 0.45, y - a * head * 0.45],
    ];
    return svg("g", { class: `arrow ${kind}` }, line(x1, y1, x, y, "shaft"), path(tip, "tip"));
  }

  /** A scale from numbers to pixels, with its inverse. */
  function scale([low, high], [from, to]) {
    const slope = (to - from) / (high - low);
    return Object.assign((x) => from + (x - low) * slope, {
      invert: (px) => low + (px - from) / slope,
    });
  }
  function logScale([low, high], range) {
    const s = scale([Math.log(low), Math.log(high)], range);
    return Object.assign((x) => s(Math.log(x)), { invert: (px) => Math.exp(s.invert(px)) });
  }

  return { clamp, sum, number, html, svg, line, label, path, arrow, scale, logScale };
})();
