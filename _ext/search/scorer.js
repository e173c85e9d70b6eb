// How Sphinx ranks what it finds: pages and sections that are called what was asked for come first,
// and the long lists of the reference, which have every word, come last.
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
  score: ([page, title, anchor, description, score]) => {
    const query = new URLSearchParams(location.search).get("q").trim().toLowerCase();
    const words = query.split(/\s+/);
    const name = title.split(" > ").pop().trim().toLowerCase();
    const share = words.filter((word) => name.includes(word)).length / words.length;
    const list = /reference\/(mutants|ledger|bibliography|how_)/.test(page) && share < 1;
    return score - (list ? 20 : 0) + 50 * share + (name.includes(query) ? 50 : 0) + (anchor ? 0 : 10);
  },
};
