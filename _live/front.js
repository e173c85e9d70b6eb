/** The front page: its first figure becomes a sentence that the reader can change. */
(() => {
  "use strict";

  const KEYS = ["attention-average", "gradient-times-input", "lime"]; // as in the figure's cell
  const view = attentionView;
  const output = document.querySelector("#fig-three-stories .output");
  if (!output) return;

  const said = output.querySelector(".verdict");
  const boxes = [...output.querySelectorAll(".explanation")];
  const names = boxes.map((box) => box.querySelector("strong").textContent);
  const marks = [...boxes[0].querySelectorAll("mark")];
  const sentence = marks.map((mark) => mark.firstChild.data).join(" ");

  output.insertAdjacentHTML("beforebegin", `<div class="live-entry">
    <label for="live-text">Type a sentence of your own</label>
    <textarea id="live-text" rows="2" spellcheck="false" autocomplete="off"></textarea>
  </div>`);
  output.insertAdjacentHTML("afterend", `<p class="live-note"></p>
    <p class="live-more"><a href="live.html">All explanations of this sentence</a></p>
    <p class="live-status" role="status"></p>`);
  const figure = output.parentElement;
  const [field, note, more, status] = ["textarea", ".live-note", ".live-more a", ".live-status"]
    .map((part) => figure.querySelector(part));
  const say = view.speaker(status);
  field.value = sentence;
  more.href = `live.html#text=${encodeURIComponent(sentence)}`;
  output.classList.add("live-output");

  let upgraded = false;

  function show(state) {
    view.steady(output);
    more.href = `live.html#text=${encodeURIComponent(field.value)}`;
    output.classList.toggle("live-empty", Boolean(state.problem));
    if (state.problem) {
      said.textContent = state.problem;
      note.textContent = "";
      say(state.problem);
      return;
    }
    const { reading, model } = state;
    if (!upgraded) {
      boxes.forEach((box, n) => { box.outerHTML = view.frame(view.escape(names[n])); });
      boxes.splice(0, boxes.length, ...output.querySelectorAll(".explanation"));
      upgraded = true;
    }
    const rows = KEYS.map((key) => attentionLive.scores(state, key));
    boxes.forEach((box, n) => view.fill(box, reading, rows[n]));
    said.innerHTML = view.verdict(reading.output);
    note.innerHTML = view.note(reading);
    if (!state.exact) return;
    const signed = KEYS.map((key) => model.methods.find((method) => method.key === key).signed);
    say(view.spoken(reading, rows.map((scores, n) => [names[n], scores, signed[n]])));
  }

  attentionLive.follow(field, show);
})();
