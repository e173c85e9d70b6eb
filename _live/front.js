/** The front page: its first figure becomes a sentence that the reader can change. */
(() => {
  "use strict";

  // As in the figure's cell; attention has no sign
  const METHODS = [["attention-average", false], ["gradient-times-input", true], ["lime", true]];
  const view = attentionView;
  const output = document.querySelector("#fig-three-stories .output");
  if (!output) return;

  const said = output.querySelector(".verdict");
  const boxes = [...output.querySelectorAll(".explanation")].map((box, n) => {
    const [key, signed] = METHODS[n];
    const [name, ...marks] = box.querySelectorAll("strong, mark");
    if (!signed) marks.forEach((mark) => mark.querySelector("sup")?.remove());
    const words = marks.map((mark) => mark.outerHTML).join(" ");
    const sentence = marks.map((mark) => mark.firstChild.data).join(" ");
    const made = document.createElement("div");
    made.innerHTML = view.frame(name.innerHTML, words);
    made.firstChild.append(box.querySelector("details"));
    box.replaceWith(made.firstChild);
    return { name: name.textContent, key, signed, sentence };
  });
  output.classList.add("live-output");

  output.insertAdjacentHTML("beforebegin", `<div class="live-entry">
    <label for="live-text">Type a sentence of your own</label>
    <textarea id="live-text" rows="2" spellcheck="false" autocomplete="off"></textarea>
  </div>`);
  output.insertAdjacentHTML("afterend", `<p class="live-more">
      <a>All explanations of this sentence</a>.
      <span>What is marked [UNK] is a word that the model does not know.</span></p>
    <p class="live-status" role="status"></p>`);
  const [field, more, status] = ["textarea", ".live-more a", ".live-status"]
    .map((part) => output.parentElement.querySelector(part));
  const say = view.speaker(status);
  field.value = boxes[0].sentence;
  link();

  function link() {
    more.href = `live.html#text=${encodeURIComponent(field.value.toWellFormed?.() ?? field.value)}`;
  }

  function show(state) {
    view.steady(output, field);
    link();
    output.classList.toggle("live-empty", Boolean(state.problem));
    if (state.problem) {
      said.textContent = state.problem;
      say(state.problem);
      return;
    }
    const { reading } = state;
    said.innerHTML = view.verdict(reading);
    const frames = output.querySelectorAll(".explanation");
    const rows = boxes.map(({ name, key, signed }, n) => {
      const scores = attentionLive.scores(state, key);
      view.colour(frames[n], reading, scores, signed);
      if (scores) view.list(frames[n].querySelector("details"), reading, scores);
      return [name, scores, signed];
    });
    if (state.exact) say(view.spoken(reading, rows));
  }

  attentionLive.follow(field, show);
})();
