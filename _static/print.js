// What the style sheet for paper cannot know: the theme, the title, and what is too wide.
(() => {
  const COLUMN = (160 / 25.4) * 96; // between the margins of A4, in pixels
  const FONT = (10 / 72) * 96; // of the root element on paper
  const PAPER_TABLE = "8.5pt"; // the font of tables on paper, see print.css
  const root = document.documentElement;
  let theme = null; // that of the screen, while the page is on paper

  const quoted = (text) => JSON.stringify(text.trim().replaceAll("\\", "").replaceAll('"', "”"));

  function addRunningTitle() {
    const heading = document.querySelector("article h1")?.cloneNode(true);
    heading?.querySelector(".headerlink")?.remove();
    const chapter = heading?.textContent ?? "", book = document.title.split(" – ").at(-1);
    const style = document.createElement("style");
    style.textContent = `@page { @top-left { content: ${quoted(book)} } }
      @page { @top-right { content: ${quoted(chapter.trim() === book.trim() ? "" : chapter)} } }
      @page :first { @top-left { content: none } @top-right { content: none } }`;
    document.head.prepend(style); // so that the style of a page can have its own
  }

  // Widths are those of the screen, which are in proportion to the font.
  function measure() {
    const paper = FONT / parseFloat(getComputedStyle(root).fontSize);
    const column = document.querySelector("article section")?.clientWidth;
    for (const box of document.querySelectorAll("article div.math")) {
      const formula = box.querySelector("mjx-container > mjx-math");
      if (!formula) continue;
      const number = box.querySelector(".eqno");
      const taken = column - box.parentElement.clientWidth + (number ? number.offsetWidth + FONT : 0);
      fit(box, COLUMN - taken * paper, formula.getBoundingClientRect().width * paper);
    }
    for (const table of document.querySelectorAll("article table")) {
      const { width, maxWidth, fontSize } = table.style;
      Object.assign(table.style, { width: "min-content", maxWidth: "none", fontSize: PAPER_TABLE });
      const smallest = table.offsetWidth;
      Object.assign(table.style, { width, maxWidth, fontSize });
      fit(table, COLUMN, smallest);
    }
  }

  function fit(element, room, width) {
    if (width > room) element.style.setProperty("--fit", ((room / width) * 0.99).toFixed(3));
  }

  function toPaper() {
    if (theme !== null) return;
    theme = root.dataset.theme ?? "light";
    root.dataset.theme = "light"; // all colours of the theme hang on this attribute
    root.classList.add("on-paper");
    measure();
  }

  function toScreen() {
    if (theme === null) return;
    root.dataset.theme = theme;
    root.classList.remove("on-paper");
    theme = null;
  }

  addRunningTitle();
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
  matchMedia("print").addEventListener("change", (now) => (now.matches ? toPaper() : toScreen()));
})();
