/** One curve for each word on the page `book/live`: its effect against how many others are kept. */
const attentionCurves = (() => {
  "use strict";

  const view = attentionView;
  const STEPS = 32; // p = 0, 1/32, ..., 1
  const [NAMED, SMALL] = [5, 0.05]; // so many curves have their word beside them; of its mean
  const LINE = 15; // pixels that a name needs
  const [LEFT, RIGHT, TOP, HEIGHT] = [46, 104, 12, 264]; // room beside the axes, and their height
  const ENDS = [[0, "0", "added first"], [0.5, "½", "Banzhaf"], [1, "1", "left out"]];
  const probabilities = Array.from({ length: STEPS + 1 }, (_, q) => q / STEPS);
  const root = document.querySelector("[data-live=curves]");
  let state, rows, order, chosen, width; // rows[j]: the curve of word j, its mean and its name

  root.innerHTML = `<fieldset class="live-choice"><legend>Choose a word, or point at a curve</legend>
      <div class="live-chips"></div></fieldset>
    <svg role="img"></svg>
    <p class="live-said" aria-live="polite"></p>
    <details><summary>All curves as a table</summary>
      <div class="live-scroll" tabindex="0" role="region" aria-label="All curves"></div></details>`;
  const [chips, plot, said, table] = [".live-chips", "svg", ".live-said", ".live-scroll"]
    .map((part) => root.querySelector(part));

  /** A new sentence, with its exact scores; its curves come from the worker. */
  async function show(next) {
    state = next;
    root.classList.add("live-waiting");
    const found = await attentionLive.curves(next.game, probabilities).catch(tell);
    if (!found || state !== next) return;
    root.classList.remove("live-waiting");
    const { reading, exact } = next, name = rows?.[chosen]?.word;
    rows = reading.labels.map((word, j) => (
      { word, curve: found.map((row) => row[j]), mean: exact.shapley[j] }));
    order = view.ranked(exact.shapley);
    const kept = reading.labels.indexOf(name);
    chosen = kept < 0 ? order[0] : kept;
    choices();
    list();
    draw();
  }

  function tell(error) {
    said.textContent = error.message;
  }

  const strongest = () => Math.max(...rows.map(({ mean }) => Math.abs(mean))) || 1;

  function choices() {
    const most = strongest(), { known } = state.reading;
    chips.innerHTML = rows.map(({ word, mean }, j) => {
      const on = j === chosen ? " checked" : "";
      return `<label><input type="radio" name="live-word" value="${j}"${on}>`
        + `${view.mark(word, mean, most, known[j], true)}</label>`;
    }).join("");
  }

  function list() {
    const cell = (value) => `<td>${view.number(value)}</td>`;
    const body = order.map((j) => {
      const { word, curve, mean } = rows[j];
      const cells = [curve[0], curve[STEPS / 2], curve[STEPS], mean].map(cell).join("");
      return `<tr><th scope="row">${view.escape(word)}</th>${cells}</tr>`;
    });
    const names = [...ENDS.map(([p, number, name]) => `${name}, p = ${number}`), "mean: Shapley"];
    const head = ["word", ...names].map((name) => `<th scope="col">${name}</th>`);
    table.innerHTML = `<table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  }

  // ---- the picture

  const x = (p) => LEFT + p * (width - LEFT - RIGHT);
  let y; // of a value; set by `draw`

  function draw() {
    width = Math.max(300, Math.min(760, root.clientWidth));
    const all = rows.flatMap(({ curve }) => curve);
    const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
    const room = 0.06 * (high - low) || 1;
    y = (value) => TOP + ((high + room - value) / (high - low + 2 * room)) * HEIGHT;
    const [left, right, bottom] = [x(0), x(1), TOP + HEIGHT];
    const line = ({ curve, mean }, j) => {
      const points = curve.map((m, q) => `${x(probabilities[q]).toFixed(1)} ${y(m).toFixed(1)}`);
      return `<path class="live-curve ${mean < 0 ? "live-against" : "live-for"}" data-word="${j}" `
        + `d="M${points.join("L")}"></path>`;
    };
    const tick = (value) => `<text x="${left - 7}" y="${y(value) + 4}" text-anchor="end">`
      + `${value ? view.number(value, 1) : "0"}</text>`;
    const far = [low, high].filter((value) => Math.abs(y(value) - y(0)) > LINE);
    const across = ENDS.map(([p, number, name]) =>
      `<path class="live-axis" d="M${x(p)} ${bottom}v5"></path>`
      + `<g text-anchor="middle"><text x="${x(p)}" y="${bottom + 19}">${number}</text>`
      + `<text x="${x(p)}" y="${bottom + 35}">${name}</text></g>`);
    plot.setAttribute("viewBox", `0 0 ${width} ${bottom + 58}`);
    plot.setAttribute("aria-label", `One curve for each of ${rows.length} words, from p = 0, added `
      + "first, to p = 1, left out; the table below has the numbers.");
    plot.innerHTML = `<path class="live-axis" d="M${left} ${TOP}V${bottom}H${right}"></path>
      <path class="live-zero" d="M${left} ${y(0)}H${right}"></path>
      ${[0, ...far].map(tick).join("")}${across.join("")}
      <text x="${x(0.5)}" y="${bottom + 53}" text-anchor="middle">
        chance p that another word is kept</text>
      ${rows.map(line).join("")}<g class="live-front"></g>`;
    highlight(chosen);
  }

  /** One curve in front, with what other methods say of its word; and names beside the curves. */
  function highlight(j) {
    const { word, curve, mean } = rows[j];
    plot.querySelectorAll(".live-curve").forEach((path) => {
      path.classList.toggle("live-on", Number(path.dataset.word) === j);
    });
    const points = [0, STEPS / 2, STEPS].map((q) =>
      `<circle cx="${x(probabilities[q])}" cy="${y(curve[q])}" r="4.5"></circle>`);
    plot.querySelector(".live-front").innerHTML = `<g class="${mean < 0 ? "live-against" : "live-for"}">`
      + `<path class="live-mean" d="M${x(0)} ${y(mean)}H${x(1)}"></path>${points.join("")}</g>`
      + names(j);
    const [first, middle, last] = [0, STEPS / 2, STEPS].map((q) => view.number(curve[q], 3));
    said.innerHTML = `<strong>${view.escape(word)}</strong>: ${first} if it is added first, `
      + `${last} if it is left out, ${middle} in the middle (Banzhaf), and ${view.number(mean, 3)} on average `
      + "over p (Shapley, the dashed line).";
  }

  /** Names at the right end, as near to their curves as they fit. */
  function names(j) {
    const least = SMALL * strongest(), large = order.filter((k) => Math.abs(rows[k].mean) > least);
    const shown = [...new Set([j, ...large.slice(0, NAMED)])]
      .sort((i, k) => rows[k].curve[STEPS] - rows[i].curve[STEPS]);
    let next = TOP;
    const at = shown.map((k) => (next = Math.max(next, y(rows[k].curve[STEPS]) + 4) + LINE) - LINE);
    let last = TOP + HEIGHT + LINE;
    for (let n = at.length - 1; n >= 0; n--) last = at[n] = Math.min(at[n], last - LINE);
    return shown.map((k, n) => {
      const { word } = rows[k], short = word.length > 12 ? `${word.slice(0, 11)}…` : word;
      return `<text${k === j ? ' class="live-on"' : ""} x="${x(1) + 9}" y="${at[n].toFixed(1)}">`
        + `${view.escape(short)}</text>`;
    }).join("");
  }

  // ---- choosing

  /** The word whose curve is nearest to the pointer. */
  function nearest(event) {
    const box = plot.getBoundingClientRect(), scale = width / box.width;
    const p = ((event.clientX - box.left) * scale - LEFT) / (width - LEFT - RIGHT);
    const q = Math.round(Math.max(0, Math.min(1, p)) * STEPS);
    const height = (event.clientY - box.top) * scale;
    const gaps = rows.map(({ curve }) => Math.abs(y(curve[q]) - height));
    return gaps.indexOf(Math.min(...gaps));
  }

  function choose(j) {
    chosen = j;
    chips.querySelector(`[value="${j}"]`).checked = true;
    highlight(j);
  }

  const word = (target) => target.closest("label")?.querySelector("input")?.value;
  chips.addEventListener("change", ({ target }) => choose(Number(target.value)));
  chips.addEventListener("pointerover", ({ target }) => {
    if (rows && word(target)) highlight(Number(word(target)));
  });
  plot.addEventListener("pointermove", (event) => rows && highlight(nearest(event)));
  plot.addEventListener("click", (event) => rows && choose(nearest(event)));
  for (const part of [chips, plot]) {
    part.addEventListener("pointerleave", () => rows && highlight(chosen));
  }
  new ResizeObserver(() => {
    if (rows && Math.abs(root.clientWidth - width) > 1) draw();
  }).observe(root);

  return { show };
})();
