/** The page `book/live`: every method, curves, pairs, heads, masks, and the same in Python. */
(() => {
  "use strict";

  const EXAMPLES = [
    "the best thing about this film is that it ends",
    "the plot is a mess but the actors are wonderful and i cried",
    "this film is not bad at all",
  ];
  const view = attentionView;
  const place = (name) => document.querySelector(`[data-live=${name}]`);
  if (!place("entry")) return;

  const button = (text) => `<button type="button">${text}</button>`;

  place("entry").innerHTML = `<div class="live-entry">
      <label for="live-text">Your sentence</label>
      <textarea id="live-text" rows="2" spellcheck="false" autocomplete="off"></textarea>
    </div>
    <p class="live-examples">${EXAMPLES.map(button).join("")}</p>
    <p class="verdict"></p>
    <p class="live-status" role="status"></p>`;
  const [field, said, status] = ["textarea", ".verdict", ".live-status"]
    .map((part) => place("entry").querySelector(part));
  const say = view.speaker(status);
  const put = attentionLive.follow(field, show);
  place("entry").addEventListener("click", ({ target }) => {
    if (target.matches("button")) put(target.textContent);
  });

  // ---- every explanation

  const PAUSE = 150; // milliseconds without a key, after which what is further down follows
  const SPOKEN = ["attention-average", "gradient-times-input", "lime"];
  let boxes; // a frame for each method

  function frames(methods) {
    const name = ({ short, name: full, chapter }) => {
      const tip = `title="${view.escape(full)}"`, text = view.escape(short);
      if (!chapter) return `<span ${tip}>${text}</span>`;
      return `<a href="${chapter}.html" ${tip}>${text}</a>`;
    };
    place("methods").innerHTML = methods.map((method) => view.frame(name(method))).join("")
      + "<details><summary>All scores as a table</summary>"
      + "<div class='live-scroll comparison' tabindex='0' role='region' aria-label='All scores'>"
      + "</div></details>";
    boxes = place("methods").querySelectorAll(".explanation");
  }

  function explanations(state) {
    const { reading, model } = state;
    if (!boxes) frames(model.methods);
    const rows = model.methods.map(({ key, short, signed }, n) => {
      const scores = attentionLive.scores(state, key);
      const coloured = state.exact && !attentionLive.core.slow.includes(key); // a moment ago
      if (!coloured) view.colour(boxes[n], reading, scores, signed);
      return [view.escape(short), scores, signed];
    });
    if (!state.exact) return;
    place("methods").querySelector(".comparison").innerHTML =
      view.comparison(reading.labels, rows, reading.output);
    say(view.spoken(reading, rows.filter((_, n) => SPOKEN.includes(model.methods[n].key))));
  }

  function certificate({ reading, exact }) {
    const d = reading.labels.length, most = view.ranked(exact.lime)[0];
    const bound = scientific(exact.certificate), word = view.escape(reading.labels[most]);
    place("certificate").innerHTML = d === 1
      ? "<p>With one word there is nothing to approximate: its score is what the output loses "
        + "when the word is masked.</p>"
      : `<p>This sentence has ${d} different words, and so ${masks(d)}. `
        + `The error of its coefficients is <strong>at most ${bound}</strong>; the largest of them `
        + `is ${view.number(exact.lime[most])}, of <em>${word}</em>, and the line `
        + `says ${view.number(exact.intercept)} where every word is masked.</p>`;
  }

  /** How many texts LIME can draw: all but the sentence itself. */
  function masks(d) {
    const count = d <= 40 ? (2 ** d - 1).toLocaleString("en") : `about ${scientific(2 ** d)}`;
    return `${count} masks`;
  }

  function scientific(value) {
    const [digits, power] = value.toExponential(1).split("e");
    return `${digits} × 10<sup>${power.replace("+", "").replace("-", "−")}</sup>`;
  }

  // ---- the heads

  place("heads").innerHTML = `<fieldset class="live-choice"><legend>Colour the words by</legend>
      <label><input type="radio" name="live-head" value="attention" checked> attention</label>
      <label><input type="radio" name="live-head" value="contribution"> contribution</label>
    </fieldset><div class="live-heads"></div>`;
  place("heads").addEventListener("change", () => latest && heads(latest));

  function heads({ reading }) {
    const signed = place("heads").querySelector("input:checked").value === "contribution";
    place("heads").querySelector(".live-heads").innerHTML = reading.attention.map((alpha, i) => {
      const score = (t) => alpha[t + 1] * (signed ? reading.values[i][t + 1] : 1);
      const output = view.number(reading.headOutputs[i], 3);
      const name = `head ${i + 1} <span class='live-value'>${output}</span>`;
      return view.frame(name, view.sentence(reading, score, signed));
    }).join("");
  }

  // ---- the code

  const code = [...document.querySelectorAll("#the-same-in-python pre")].at(-1);
  const literal = code.querySelector(".s2");
  place("python").innerHTML = `<p>${button("Copy as Python")} <span role='status'></span></p>`;
  place("python").querySelector("button").addEventListener("click", async () => {
    const answer = place("python").querySelector("span");
    try {
      await navigator.clipboard.writeText(code.innerText);
      answer.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(code);
      answer.textContent = "Selected: copy it with your keyboard.";
    }
  });

  // ---- together

  let latest, timer;

  function show(state) {
    clearTimeout(timer);
    view.steady(...document.querySelectorAll("[data-live]"));
    document.body.classList.toggle("live-empty", Boolean(state.problem));
    if (state.problem) {
      said.textContent = state.problem;
      say(state.problem);
      return;
    }
    said.innerHTML = view.verdict(state.reading);
    literal.textContent = JSON.stringify(state.reading.text); // a string of Python, too
    explanations(state);
    if (!state.exact) return;
    if (latest) timer = setTimeout(below, PAUSE, state);
    else below(state);
  }

  /** What is further down follows when exact LIME is there, and nobody types. */
  function below(state) {
    latest = state;
    certificate(state);
    attentionCurves.show(state);
    attentionArcs.show(state);
    heads(state);
    attentionMasks.show(state);
  }

  const given = new URLSearchParams(location.hash.slice(1)).get("text");
  put(given ?? EXAMPLES[0]);
})();
