// A link to a theorem, an equation or a figure shows it, while the mouse or the focus is there.
// What stands on another page is fetched; from disk, where a browser forbids that, it comes as a
// script (`_ext/previews.py`).  A touch shows nothing, and follows the link.
const previews = () => {
  const TARGETS = ".proof, div.math, figure";
  const EXTRA = "script, button, input, select, textarea, summary, .headerlink, .picture-panel, " +
    ".picture-invitation";
  const OPENS = 250, CLOSES = 200; // milliseconds
  const article = document.querySelector("article.bd-article");
  const pages = new Map(); // address of a page → a promise of the page
  const box = document.createElement("div");
  Object.assign(box, {className: "preview screen-only", id: "link-preview", hidden: true});
  box.setAttribute("role", "tooltip");
  article?.append(box);
  let shown, timer;

  // The page of an address without its fragment; null if it cannot be had.
  const pageOf = (address) => {
    if (address === location.href.split("#")[0]) return document;
    if (!pages.has(address)) {
      const text = /^https?:/.test(address)
        ? fetch(address).then((answer) => (answer.ok ? answer.text() : ""))
        : scripted(address);
      pages.set(address, text
        .then((html) => new DOMParser().parseFromString(html, "text/html"))
        .catch(() => null));
    }
    return pages.get(address);
  };

  // What may be shown of a page, a promise of HTML.
  const scripted = (address) => new Promise((resolve, reject) => {
    const root = new URL(document.documentElement.dataset.content_root, location.href).href;
    const name = decodeURI(address.slice(root.length)).replace(/\.html$/, "");
    const script = document.createElement("script");
    script.src = `${root}_static/previews/${encodeURI(name)}.js`;
    script.onload = () => resolve(window.PREVIEWS[name]);
    script.onerror = reject;
    document.head.append(script);
  });

  // A copy of what the link leads to, without names, links and what can be used.
  const copyOf = async (link) => {
    const [address, name] = link.href.split("#");
    const target = (await pageOf(address))?.getElementById(decodeURIComponent(name));
    if (!target?.matches(TARGETS) || target.contains(link)) return null;
    const copy = document.importNode(target, true);
    copy.querySelectorAll(EXTRA).forEach((element) => element.remove());
    copy.querySelectorAll("a").forEach((element) => element.replaceWith(...element.childNodes));
    for (const element of [copy, ...copy.querySelectorAll("*")]) {
      ["id", "tabindex", "loading"].forEach((key) => element.removeAttribute(key));
      if (element.hasAttribute("src")) {
        element.src = new URL(element.getAttribute("src"), address).href;
      }
    }
    return copy;
  };

  const show = async (link) => {
    const copy = await copyOf(link);
    if (!copy || shown !== link) return;
    const raw = copy.matches(".math") || copy.querySelector(".math");
    if (raw && !copy.querySelector("mjx-container")) {
      if (!window.MathJax?.typesetPromise) return;
      box.replaceChildren(copy);
      await MathJax.typesetPromise([box]);
      if (shown !== link) return;
    }
    box.replaceChildren(copy);
    box.hidden = false;
    const at = link.getClientRects()[0], frame = article.getBoundingClientRect();
    const left = Math.min(at.left - frame.left, frame.width - box.offsetWidth);
    const above = at.bottom + box.offsetHeight + 8 > innerHeight && at.top > box.offsetHeight + 70;
    const top = above ? at.top - box.offsetHeight - 6 : at.bottom + 6;
    box.style.left = `${Math.max(0, left)}px`;
    box.style.top = `${top - frame.top}px`;
    link.setAttribute("aria-describedby", box.id);
  };

  const close = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = undefined;
    box.hidden = true;
  };
  const open = (link, delay) => {
    if (link === shown) return clearTimeout(timer);
    close();
    shown = link;
    timer = setTimeout(() => show(link), delay);
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(close, CLOSES);
  };

  const linkOf = ({target}) => target.closest?.("a.reference.internal[href*='#']");
  article?.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    if (box.contains(event.target)) clearTimeout(timer); // the pointer may go there
    else if (linkOf(event)) open(linkOf(event), OPENS);
    else if (shown && !shown.matches(":focus-visible")) later();
  });
  article?.addEventListener("pointerleave", () => shown && later());
  article?.addEventListener("focusin", (event) => {
    if (linkOf(event)?.matches(":focus-visible")) open(linkOf(event), 0);
  });
  article?.addEventListener("focusout", close);
  article?.addEventListener("click", close);
  document.addEventListener("keydown", ({key}) => key === "Escape" && close());
};
document.addEventListener("DOMContentLoaded", previews);
