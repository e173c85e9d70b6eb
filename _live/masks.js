/** LIME on the page `book/live`: masks drawn one at a time, and the line that is fitted to them. */
const attentionMasks = (() => {
  "use strict";

  const view = attentionView, { core } = attentionLive;
  const MOST = 20000; // masks, after which the fit is no longer quick
  const DOTS = 1000; // of the picture, the latest
  const WORDS = 12; // of the table
  const root = document.querySelector("[data-live=masks]");
  let state, masks, outputs;

  root.innerHTML = `<p>
      <button type="button" data-draw="1">Draw a mask</button>
      <button type="button" data-draw="100">Draw 100</button>
      <button type="button" data-draw="0">Start again</button>
    </p>
    <p class="live-mask"></p>
    <p class="live-said" aria-live="polite"></p>
    <div class="live-side">
      <svg viewBox="0 0 330 306" role="img"></svg>
      <div class="live-scroll" tabindex="0" role="region" aria-label="Coefficients"></div>
    </div>`;
  const [text, said, plot, table] = [".live-mask", ".live-said", "svg", ".live-scroll"]
    .map((part) => root.querySelector(part));
  root.addEventListener("click", ({ target }) => {
    if (!state || !target.matches("button")) return;
    const count = Number(target.dataset.draw);
    if (count) draw(count);
    else start();
    render();
  });

  /** The first mask is the sentence itself, as in the package. */
  function start() {
    masks = [];
    outputs = [];
    add(new Float64Array(state.game.d).fill(1));
  }

  function add(z) {
    masks.push(z);
    outputs.push(core.value(state.game, z));
  }

  function draw(count) {
    for (let n = 0; n < count && masks.length < MOST; n++) {
      add(core.drawMask(state.game.d, Math.random));
    }
  }

  /** A new sentence, with its exact LIME. */
  function show(next) {
    state = next;
    start();
    render();
  }

  const sizeOf = (z) => z.reduce((sum, one) => sum + one, 0);

  function render() {
    const { reading, model } = state, d = state.game.d;
    const z = masks.at(-1), size = sizeOf(z);
    const beta = core.fit(masks, outputs, model.bandwidth);
    text.innerHTML = reading.words.map((word, t) => (z[reading.place[t]]
      ? view.escape(word) : `<del>${view.escape(word)}</del>`)).join(" ");
    const weight = core.kernel(size / d, model.bandwidth).toFixed(3);
    const count = masks.length === 1 ? "The sentence itself" : `Mask ${masks.length}`;
    said.textContent = `${count} keeps ${size} of ${d} words: the output is `
      + `${view.number(outputs.at(-1), 3)}, and weighs ${weight}.`;
    coefficients(beta.slice(1));
    picture(beta);
  }

  function coefficients(beta) {
    const { reading, exact } = state;
    const places = view.ranked(exact.lime).slice(0, WORDS);
    const rows = places.map((j) => `<tr><th scope="row">${view.escape(reading.labels[j])}</th>`
      + `<td>${view.number(beta[j], 3)}</td><td>${view.number(exact.lime[j], 3)}</td></tr>`);
    const drawn = `${masks.length} mask${masks.length === 1 ? "" : "s"}`;
    table.innerHTML = "<table><thead><tr><th scope='col'>word</th>"
      + `<th scope="col">LIME, ${drawn}</th><th scope="col">exact LIME</th></tr></thead>`
      + `<tbody>${rows.join("")}</tbody></table>`;
  }

  /** A dot for each mask, what the line says against what the model says; dark if it weighs. */
  function picture(beta) {
    const { model } = state, d = state.game.d;
    const shown = [...masks.keys()].slice(-DOTS);
    const line = (z) => z.reduce((sum, one, j) => sum + one * beta[j + 1], beta[0]);
    const fitted = shown.map((n) => line(masks[n]));
    const all = [...fitted, ...shown.map((n) => outputs[n])];
    const middle = (Math.min(...all) + Math.max(...all)) / 2;
    const half = Math.max(0.5, (Math.max(...all) - Math.min(...all)) / 2) * 1.1;
    const [low, high] = [middle - half, middle + half], share = (f) => (f - low) / (high - low);
    const x = (f) => 44 + 270 * share(f), y = (f) => 282 - 270 * share(f);
    const dots = shown.map((n, at) => {
      const weight = core.kernel(sizeOf(masks[n]) / d, model.bandwidth);
      const last = n === masks.length - 1 ? " class='live-last'" : "";
      const [cx, cy] = [x(fitted[at]).toFixed(1), y(outputs[n]).toFixed(1)];
      return `<circle${last} cx="${cx}" cy="${cy}" r="4.5" `
        + `opacity="${(0.2 + 0.8 * weight).toFixed(2)}"></circle>`;
    });
    const misses = shown.map((n, at) => Math.abs(outputs[n] - fitted[at]));
    plot.setAttribute("aria-label", "What the line says against what the model says, for "
      + `${shown.length} masks; the farthest is ${Math.max(...misses).toFixed(2)} off.`);
    plot.innerHTML = `<path class="live-axis" d="M44 12V282H314"></path>
      <path class="live-line" d="M44 282L314 12"></path>${dots.join("")}
      <text x="38" y="286" text-anchor="end">${view.number(low, 1)}</text>
      <text x="38" y="20" text-anchor="end">${view.number(high, 1)}</text>
      <text x="314" y="300" text-anchor="end">${view.number(high, 1)}</text>
      <text x="179" y="300" text-anchor="middle">what the line says</text>
      <text x="52" y="20">what the model says</text>`;
  }

  return { show };
})();
