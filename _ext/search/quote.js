// Below each result of a search, some words of the page around the first word that was asked for.
// Sphinx would read the page for that, which a browser forbids from disk; texts.js has the words.
const AROUND = 120; // characters before and after

const quote = (text, words) => {
  const places = words.map((word) => text.toLowerCase().indexOf(word));
  const middle = places.find((place) => place >= 0) ?? 0;
  const start = middle > AROUND ? text.indexOf(" ", middle - AROUND) + 1 : 0;
  const end = text.indexOf(" ", middle + AROUND);
  const shown = text.slice(start, end < 0 ? undefined : end);
  return (start ? "… " : "") + shown + (end < 0 ? "" : " …");
};

const marked = (text, words) => {
  const paragraph = document.createElement("p");
  paragraph.className = "context";
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  text.split(new RegExp(`(${escaped.join("|")})`, "i")).forEach((part, n) => {
    const odd = n % 2 === 1;
    const piece = odd ? document.createElement("mark") : document.createTextNode(part);
    if (odd) piece.textContent = part;
    paragraph.append(piece);
  });
  return paragraph;
};

const results = document.getElementById("search-results");
const asked = new URLSearchParams(location.search).get("q") || "";
const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
new MutationObserver(() => {
  results.querySelectorAll("li:not(:has(.context)) > a").forEach((link) => {
    const [page, anchor] = link.getAttribute("href").split("#");
    const sections = TEXTS[page.replace(/\.html$/, "")] || {};
    const text = sections[anchor] || Object.values(sections).join(" ");
    if (text) link.parentElement.append(marked(quote(text, words), words));
  });
}).observe(results, {childList: true, subtree: true});
