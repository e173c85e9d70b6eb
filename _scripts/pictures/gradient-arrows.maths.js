// Three tokens in the model of the micro-example: attention, output, gradient.
"use strict";

(() => {
  const { sum } = pictures;

  const MICRO = [
    [1, 0],
    [0, -1],
    [1, 2],
  ]; // the embeddings of the micro-example

  /**
   * The model of the micro-example on three embeddings (first, second coordinate), [CLS] first.
   *
   * The query is the first coordinate of [CLS], a logit is the query times a first coordinate,
   * and a value is a second coordinate.
   */
  function read(embeddings) {
    const query = embeddings[0][0];
    const logits = embeddings.map(([x]) => query * x);
    const values = embeddings.map(([, y]) => y);
    const largest = Math.max(...logits);
    const weights = logits.map((l) => Math.exp(l - largest));
    const attention = weights.map((w) => w / sum(weights));
    const contributions = attention.map((a, t) => a * values[t]);
    const output = sum(contributions);
    const pulls = attention.map((a, t) => a * (values[t] - output));
    const throughQuery = sum(pulls.map((pull, t) => pull * embeddings[t][0]));
    const gradient = pulls.map((pull, t) => [query * pull + (t ? 0 : throughQuery), attention[t]]);
    return {
      query,
      logits,
      values,
      attention,
      contributions,
      output,
      pulls,
      throughQuery,
      gradient,
    };
  }

  pictures.gradientArrows = { MICRO, read };
})();
