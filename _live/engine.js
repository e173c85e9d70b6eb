/**
 * Between the core and the pages: fetches the tables when they are first wanted, and runs what is
 * slow in workers. Both work from disk: the tables are a script, a worker is made of text.
 */
const attentionLive = (() => {
  "use strict";

  const parts = [attentionCore, attentionAverages, attentionPairs]; // each takes the one before
  const core = parts.reduce((found, part) => part(found), {});
  const own = document.querySelector("script[data-tables]");
  let model, wanted, arrived;

  /** The model, a promise; the first call loads the tables. */
  function ready() {
    wanted ??= new Promise((resolve, reject) => {
      arrived = resolve;
      const script = document.createElement("script");
      script.src = new URL(own.dataset.tables, own.src).href;
      script.onerror = () => {
        wanted = undefined; // the next keystroke tries again
        script.remove();
        reject(new Error("The tables did not arrive: check the connection, and type on."));
      };
      document.head.append(script);
    });
    return wanted;
  }

  /** `data.js` calls this. */
  function receive(data) {
    model = core.load(data);
    arrived(model);
  }

  /** A function of the core that runs in a worker of its own; a later call takes the turn. */
  function lane(task) {
    let worker, running, waiting;

    function next() {
      [running, waiting] = [waiting, undefined];
      if (!running) return;
      worker ??= start();
      worker.postMessage(running.values);
    }

    function start() {
      const text = `const core = [${parts}].reduce((found, part) => part(found), {});
        onmessage = ({ data }) => postMessage(core.${task}(...data));`;
      const made = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
      const finish = (how, result) => {
        const done = running;
        next();
        done[how](result);
      };
      made.onmessage = ({ data }) => finish("resolve", data);
      made.onerror = () => finish("reject", new Error("This browser could not compute it."));
      return made;
    }

    return (...values) => new Promise((resolve, reject) => {
      waiting?.resolve(null);
      waiting = { values, resolve, reject };
      if (!running) next();
    });
  }

  const [runExact, runCurves, runPairs] = ["exact", "curves", "pairs"].map(lane);

  /** In a worker, promises; null if a later call came before its turn. */
  const exact = (game) => runExact(game, model.bandwidth, model.rule);
  const curves = (game, probabilities) => runCurves(game, probabilities, model.rule);
  const pairs = (game, index) => runPairs(game, index, model.rule);

  /**
   * Follow what is typed into a field. `show(state)` is called at once, and again when exact LIME
   * is there; a state is `{ problem }`, a sentence to be shown instead, or
   * `{ model, reading, game, exact }`, `exact` undefined at first, for `scores`. Returns a function
   * that puts a text into the field.
   */
  function follow(field, show) {
    let count = 0;

    async function update() {
      const number = ++count, text = field.value;
      try {
        if (!model) {
          show({ problem: "Loading the model’s tables …" });
          await ready();
        }
        if (number !== count) return;
        const state = { model, ...look(text) };
        show(state);
        if (state.problem) return;
        const found = await exact(state.game);
        if (found && number === count) show({ ...state, exact: found });
      } catch (error) {
        if (number === count) show({ problem: error.message });
      }
    }

    field.addEventListener("input", update);
    field.addEventListener("focus", () => {
      if (!count) ready().then(update, () => {}); // or else the text has been shown
    }, { once: true });
    return (text) => {
      field.value = text;
      return update();
    };
  }

  /** The reading of a text and its game, or the problem that there is none. */
  function look(text) {
    const reading = core.read(model, text), { words, known } = reading;
    if (!words.length) {
      return { problem: "Type a sentence, and its words are coloured as you type." };
    }
    if (!known.includes(true)) {
      return { problem: "The model knows none of these words. Try an English sentence on a film." };
    }
    return { reading, game: core.game(reading), known: {} };
  }

  /** Scores (d) by the method of that key, or undefined while exact LIME is on its way. */
  function scores({ reading, known, exact: found }, key) {
    if (core.slow.includes(key)) return found?.[key];
    return (known[key] ??= core.explain(model, reading, key));
  }

  return { core, ready, receive, follow, scores, curves, pairs };
})();
