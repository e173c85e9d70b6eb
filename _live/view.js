/**
 * How a sentence and its scores are shown: the HTML that Python writes in a notebook
 * (`helpers/explainers/render.py`), with the page's colours.
 */
const attentionView = (() => {
  "use strict";

  const ROWS = 10; // of the table below a sentence
  const SAID = 1200; // milliseconds of quiet, after which a screen reader is told

  const escaped = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
  const escape = (text) => text.replace(/[&<>"']/g, (letter) => escaped[letter]);

  /** With its sign; one that rounds to zero has the sign +. */
  function number(value, digits = 4) {
    const rounded = Number(value.toFixed(digits)) || 0;
    return (rounded < 0 ? "−" : "+") + Math.abs(rounded).toFixed(digits);
  }

  const largest = (scores) => Math.max(...scores.map(Math.abs)) || 1;

  /** Places of scores, the largest absolute value first. */
  const ranked = (scores) =>
    [...scores.keys()].sort((i, j) => Math.abs(scores[j]) - Math.abs(scores[i]));

  /** One coloured word: sign, if there is one, by colour and by + or −, strength by opacity. */
  function mark(word, score, most, known, signed) {
    const strength = Math.round((60 * Math.abs(score)) / most);
    const colour = `var(--${score >= 0 ? "positive" : "negative"}-mark) ${strength}%`;
    const seen = signed && strength >= 10;
    const sign = seen ? `<sup>${score >= 0 ? "+" : "−"}</sup>` : "";
    const unknown = known ? "" : " class='live-unknown'";
    const note = known ? "" : ", read as [UNK]";
    return `<mark${unknown} title='${number(score)}${note}' `
      + `style='background:color-mix(in srgb, ${colour}, transparent);color:inherit'>`
      + `${escape(word)}${sign}</mark>`;
  }

  /** The sentence, each place coloured by `score(place)`. */
  function sentence({ words, place, known }, score, signed) {
    const most = largest(words.map((_, t) => score(t)));
    return words.map((word, t) => mark(word, score(t), most, known[place[t]], signed)).join(" ");
  }

  /** The sentence coloured by the scores (d) of its distinct words. */
  const byWord = (reading, scores, signed) =>
    sentence(reading, (t) => scores[reading.place[t]], signed);

  /** One explanation: its name and its words. */
  const frame = (name, words = "") =>
    `<div class='explanation'><p><strong>${name}</strong> `
    + `<span class='live-words'>${words}</span></p></div>`;

  /** Colour the words of a frame; without scores it waits, and looks so after a while. */
  function colour(box, reading, scores, signed) {
    box.classList.toggle("live-waiting", !scores);
    if (scores) box.querySelector(".live-words").innerHTML = byWord(reading, scores, signed);
  }

  /** The table below the words anew; what is open stays open. */
  function list(details, reading, scores) {
    const places = ranked(scores).slice(0, ROWS);
    const word = (j) => escape(reading.labels[j]);
    const row = (j) => `<tr><td>${word(j)}</td><td>${number(scores[j])}</td></tr>`;
    const all = places.length === scores.length;
    details.querySelector("summary").textContent =
      all ? "all scores" : `${places.length} largest of ${scores.length} scores`;
    details.querySelector("tbody").innerHTML = places.map(row).join("");
  }

  /** A table with a row for each of the methods, [name, scores]; its largest score is bold. */
  function comparison(labels, rows, output) {
    const head = labels.map((word) => `<th scope='col'>${escape(word)}</th>`).join("");
    const body = rows.map(([name, scores]) => {
      const near = 1e-9 * largest(scores); // less is rounding: the sign of a method without one
      const signed = scores.some((score) => score < -near), top = ranked(scores)[0];
      const cells = [...scores].map((score, j) => {
        const text = signed ? number(score, 2) : score.toFixed(2);
        return `<td>${j === top ? `<strong>${text}</strong>` : text}</td>`;
      });
      return `<tr><th scope='row'>${name}</th>${cells.join("")}</tr>`;
    });
    return `<table><caption>f(x) = ${number(output, 3)}</caption>`
      + `<thead><tr><td></td>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  }

  const side = (value) => (value < 0 ? "negative" : "positive");

  /** What the model makes of the sentence, and which of its words it has no room for. */
  function verdict({ output, words, cut }) {
    const text = `The classifier takes this for <strong>${side(output)}</strong>: `
      + `<span class='live-number'>f(x) = ${number(output, 3)}</span>`;
    if (!cut.length) return text;
    const some = cut.slice(0, 12).map(escape).join(" "), more = cut.length > 12 ? " …" : "";
    return `${text}. It reads ${words.length} words; cut off: <del>${some}${more}</del>`;
  }

  /** What a screen reader hears: the verdict, and the first word of each method. */
  function spoken(reading, rows) {
    const first = rows.map(([name, scores, signed]) => {
      const j = ranked(scores)[0];
      const how = signed ? (scores[j] < 0 ? ", against" : ", for") : "";
      return `${name}: ${reading.labels[j]}${how}.`;
    });
    const taken = `Taken for ${side(reading.output)}, ${number(reading.output, 2)}.`;
    return `${taken} First words. ${first.join(" ")}`;
  }

  /** A function that says a sentence in a status region, once nothing newer comes for a while. */
  function speaker(region) {
    let timer;
    return (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => { region.textContent = text; }, SAID);
    };
  }

  /** Keep the height that a box has reached, so that what is below does not jump as one types. */
  function steady(...boxes) {
    const heights = boxes.map((box) => box.offsetHeight); // all, before the first one changes
    boxes.forEach((box, n) => {
      const least = parseFloat(box.style.minHeight) || 0;
      if (heights[n] > least) box.style.minHeight = `${heights[n]}px`;
    });
  }

  return {
    escape, number, ranked, mark, sentence, frame, colour, list, comparison, verdict, spoken,
    speaker, steady,
  };
})();
