// A picture to drag in the place of a figure: handles for mouse, touch and keys, and the numbers.
"use strict";

(() => {
  const { clamp, html, svg } = pictures;
  const STEPS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, 1],
    ArrowDown: [0, -1],
    PageUp: [0, 10],
    PageDown: [0, -10],
  };

  /** Rows of a table; a cell is a text, or a text with a bar of that share. */
  function rows(lines, tag) {
    return lines.map((cells) =>
      html(
        "tr",
        {},
        ...cells.map((cell, n) => {
          const { text, bar } = typeof cell === "string" ? { text: cell } : cell;
          const kind = tag === "th" || n === 0 ? "th" : "td";
          const made = html(
            kind,
            kind === "th" ? { scope: tag === "th" ? "col" : "row" } : {},
            text,
          );
          if (bar !== undefined) made.style.setProperty("--share", `${100 * clamp(bar, 0, 1)}%`);
          return made;
        }),
      ),
    );
  }

  /**
   * Put a picture in the place of the figure `id`.
   *
   * picture: start, the state; draw(state, size) gives SVG nodes; words(state) a sentence;
   * table(state) { head, body }, or no table; handles, each with name, place(state, size) in
   * pixels, to(state, pixels, size) and step(state, [right, up]), which give a new state, and
   * value(state) { now, min, max, text }; sliders, each with label, min, max, get(state),
   * set(state, number) and text(state).
   */
  function mount(id, picture) {
    const figure = document.getElementById(id);
    const [stage, panel] = ["stage", "panel"].map((x) => figure?.querySelector(`.picture-${x}`));
    if (!stage) return;
    let state = picture.start;
    let size = { width: 0, height: 0 };
    const drawing = svg("svg", { "aria-hidden": "true", focusable: "false" });
    const live = html("div", { class: "picture-live" }, drawing);
    const table = html("table", { "aria-label": "the numbers of the picture" });
    const words = html("p", { class: "picture-words", "aria-live": "polite" });
    const reset = html("button", { type: "button", class: "picture-reset" }, "Start again");
    const change = (next) => {
      state = next;
      render();
    };

    const handles = picture.handles.map((handle) => {
      const node = html("div", {
        role: "slider",
        tabindex: "0",
        class: "picture-handle",
        "aria-label": handle.name,
        title: "drag, or use the arrow keys",
      });
      let grip = null; // from the pointer to the middle of the handle
      const at = (event) => {
        const box = live.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
      };
      node.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        const [x, y] = at(event);
        const [a, b] = handle.place(state, size);
        grip = [a - x, b - y];
        node.setPointerCapture(event.pointerId);
      });
      node.addEventListener("pointermove", (event) => {
        if (!grip) return;
        const [x, y] = at(event);
        change(handle.to(state, [x + grip[0], y + grip[1]], size));
      });
      for (const end of ["pointerup", "pointercancel"])
        node.addEventListener(end, () => {
          grip = null;
        });
      node.addEventListener("keydown", (event) => {
        const step = STEPS[event.key];
        if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        change(handle.step(state, event.shiftKey ? step.map((x) => 10 * x) : step));
      });
      return node;
    });

    const sliders = picture.sliders.map((slider) => {
      const input = html("input", { type: "range", min: slider.min, max: slider.max });
      const output = html("output");
      input.addEventListener("input", () => change(slider.set(state, Number(input.value))));
      return {
        input,
        output,
        node: html(
          "label",
          { class: "picture-slider" },
          html("span", {}, slider.label),
          input,
          output,
        ),
      };
    });

    function render() {
      if (!size.width) return;
      drawing.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      drawing.replaceChildren(...picture.draw(state, size));
      picture.handles.forEach((handle, n) => {
        const [x, y] = handle.place(state, size);
        handles[n].style.translate = `${x}px ${y}px`;
        for (const [name, value] of Object.entries(handle.value(state)))
          handles[n].setAttribute(`aria-value${name}`, value);
      });
      picture.sliders.forEach((slider, n) => {
        sliders[n].input.value = slider.get(state);
        sliders[n].output.textContent = slider.text(state);
        sliders[n].input.setAttribute("aria-valuetext", slider.text(state));
      });
      if (picture.table) {
        const { head, body } = picture.table(state);
        table.replaceChildren(
          html("thead", {}, ...rows([head], "th")),
          html("tbody", {}, ...rows(body, "td")),
        );
      }
      words.textContent = picture.words(state);
    }

    reset.addEventListener("click", () => change(picture.start));
    live.prepend(...handles);
    stage.append(live);
    panel.append(
      ...sliders.map((x) => x.node),
      ...(picture.table ? [table] : []),
      html("div", { class: "picture-foot" }, words, reset),
    );
    figure.classList.add("live");
    new ResizeObserver(() => {
      size = { width: live.clientWidth, height: live.clientHeight };
      render();
    }).observe(live);
  }

  pictures.mount = mount;
})();
