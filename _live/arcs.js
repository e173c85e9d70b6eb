/** Interactions on the page `book/live`: the strongest pairs of words, as arcs and as a table. */
const attentionArcs = (() => {
  "use strict";

  const view = attentionView;
  const SHOWN = 10; // pairs
  const ALL = 24; // with more words, only those in a pair are drawn
  const [GAP, HIGHEST, EDGE] = [16, 130, 12]; // pixels between words, of an arc, at the sides
  const INDICES = {
    shapley: "Shapley interaction",
    "shapley-taylor": "Shapley-Taylor",
    "faithful-shapley": "faithful Shapley",
    banzhaf: "Banzhaf",
  };
  const root = document.querySelector("[data-live=pairs]");
  let state;

  const radio = ([index, name], n) => `<label><input type="radio" name="live-index" `
    + `value="${index}"${n ? "" : " checked"}> ${name}</label>`;
  root.innerHTML = `<fieldset class="live-choice"><legend>Index</legend>
      ${Object.entries(INDICES).map(radio).join("")}</fieldset>
    <p class="live-said" aria-live="polite"></p>
    <div class="live-scroll live-arcs" tabindex="0" role="region" aria-label="Arcs between words">
      <svg role="img"></svg></div>
    <details><summary>These pairs as a table</summary>
      <div class="live-scroll live-list" tabindex="0" role="region" aria-label="Strongest pairs">
      </div></details>`;
  const [said, arcs, plot, table] = [".live-said", ".live-arcs", "svg", ".live-list"]
    .map((part) => root.querySelector(part));
  root.addEventListener("change", () => state && show(state));

  /** A new sentence, or another index; its interactions come from the worker. */
  async function show(next) {
    state = next;
    const { d } = next.game, index = root.querySelector("input:checked").value;
    root.classList.add("live-waiting");
    const matrix = await attentionLive.pairs(next.game, index).catch(tell);
    if (!matrix || state !== next) return;
    root.classList.remove("live-waiting");
    arcs.hidden = table.parentElement.hidden = d === 1;
    if (d === 1) said.textContent = "One word makes no pair.";
    else render(strongest(matrix, d), next.reading);
  }

  function tell(error) {
    said.textContent = error.message;
  }

  /** The pairs { i, j, value } of largest absolute value. */
  function strongest(matrix, d) {
    const pairs = [];
    for (let i = 0; i < d; i++) {
      for (let j = i + 1; j < d; j++) pairs.push({ i, j, value: matrix[i * d + j] });
    }
    return pairs.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, SHOWN);
  }

  function render(pairs, { labels }) {
    const name = (j) => view.escape(labels[j]), [{ i, j, value }] = pairs;
    said.innerHTML = `Strongest pair: <strong>${name(i)}</strong> and <strong>${name(j)}</strong>. `
      + `Together they add ${view.number(value, 3)} to what each of them adds alone.`;
    const rows = pairs.map((pair) => `<tr><th scope="row">${name(pair.i)} · ${name(pair.j)}</th>`
      + `<td>${view.number(pair.value)}</td></tr>`);
    table.innerHTML = `<table><thead><tr><th scope="col">pair</th><th scope="col">interaction</th>`
      + `</tr></thead><tbody>${rows.join("")}</tbody></table>`;
    picture(pairs, labels);
  }

  /** The words in a line, those of no arc left out if there are many, and the arcs above them. */
  function picture(pairs, labels) {
    const inPair = new Set(pairs.flatMap(({ i, j }) => [i, j])), words = [];
    labels.forEach((word, j) => {
      const short = word.length > 20 ? `${word.slice(0, 19)}…` : word;
      if (labels.length <= ALL || inPair.has(j)) words.push({ text: short, j });
      else if (words.at(-1)?.text !== "…") words.push({ text: "…" });
    });
    plot.innerHTML = words.map(({ text }) => `<text>${view.escape(text)}</text>`).join("");
    const wide = [...plot.children].map((text) => text.getComputedTextLength());
    const free = arcs.clientWidth - 2 * EDGE - wide.reduce((sum, w) => sum + w, 0);
    const gap = Math.max(GAP, Math.min(4 * GAP, free / (words.length - 1)));
    const centre = new Map();
    let x = EDGE;
    words.forEach((word, n) => {
      word.x = x;
      centre.set(word.j, x + wide[n] / 2);
      x += wide[n] + gap;
    });
    const most = Math.abs(pairs[0].value) || 1, round = (length) => length.toFixed(1);
    const radius = ({ i, j }) => (centre.get(j) - centre.get(i)) / 2;
    const rise = (pair) => Math.min(HIGHEST, 12 + 0.6 * radius(pair));
    const base = Math.max(...pairs.map(rise)) + 14;
    const lines = [...pairs].reverse().map((pair) => {
      const { i, j, value } = pair, strength = Math.abs(value) / most;
      const title = `${view.escape(labels[i])} · ${view.escape(labels[j])} ${view.number(value)}`;
      return `<path class="live-arc ${value < 0 ? "live-against" : "live-for"}" `
        + `d="M${round(centre.get(i))} ${base}A${round(radius(pair))} ${round(rise(pair))} 0 0 1 `
        + `${round(centre.get(j))} ${base}" stroke-width="${round(1 + 7 * strength)}" `
        + `opacity="${(0.45 + 0.55 * strength).toFixed(2)}"><title>${title}</title></path>`;
    });
    const text = words.map((word) => `<text x="${round(word.x)}" y="${round(base + 22)}">`
      + `${view.escape(word.text)}</text>`);
    const width = Math.ceil(x - gap + EDGE), height = Math.ceil(base + 30);
    for (const [key, value] of Object.entries({ width, height })) plot.setAttribute(key, value);
    plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
    plot.setAttribute("aria-label", `Arcs between the words of ${pairs.length} strongest `
      + "pairs; the table below has their numbers.");
    plot.innerHTML = lines.join("") + text.join("");
  }

  return { show };
})();
