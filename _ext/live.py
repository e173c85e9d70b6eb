"""The live sentence: what its scripts need, written into the site from the shipped weights."""

import base64
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).parents[1] / "_live"
# The pages and the scripts of each, in the order in which they run
PAGES = {"book/intro": ("front.js",), "book/live": ("masks.js", "curves.js", "arcs.js", "page.js")}
COMMON = ("core.js", "averages.js", "pairs.js", "engine.js", "view.js")
TOLERANCE = 1e-13  # of the rule for 1/D, as in Python
NODES = 48  # for integrated gradients; no text of this vocabulary needs 30


def packed(array):
    """An array as whole numbers of 32 bits in base64, and what to multiply them by.

    The scale is a power of two, and an entry is off by less than 2^-31 of the largest.
    """
    array = np.asarray(array, dtype=np.float64)
    scale = 2.0 ** np.ceil(np.log2(np.abs(array).max() / (2**31 - 1)))
    whole = np.rint(array / scale).astype("<i4")
    return {"scale": scale, "base64": base64.b64encode(whole.tobytes()).decode("ascii")}


def tables(classifier):
    """All that the scripts know of the model, ready for JSON: numbers, words and methods.

    A word's logit in a head is <key, W_e + W_p> and its projected value <val, W_e + W_p>, with the
    two directions of `AttentionClassifier.directions`: one table for words, one for positions,
    (D, K) and (T_max, K) each. The directions themselves, (K, d_e), make gradients of them.
    """
    from helpers.explainers.lime import BANDWIDTH
    from helpers.explainers.methods import METHODS
    from helpers.games import reciprocal

    key, value = (x.numpy() for x in classifier.directions(classifier.W_e[1] + classifier.W_p[0]))
    words, positions = classifier.W_e.numpy(), classifier.W_p.numpy()
    step = reciprocal._step(TOLERANCE)
    nodes, weights, error = reciprocal.left_end(step, TOLERANCE)
    x, w = np.polynomial.legendre.leggauss(NODES)
    arrays = {
        "wordLogit": words @ key.T,
        "wordValue": words @ value.T,
        "positionLogit": positions @ key.T,
        "positionValue": positions @ value.T,
        "keyDirection": key,
        "valueDirection": value,
    }
    return {
        "heads": classifier.sizes.heads,
        "T_max": classifier.sizes.T_max,
        "d_e": classifier.sizes.d_e,
        "bandwidth": BANDWIDTH,
        "rule": {
            "start": reciprocal.START,
            "step": step,
            "reach": 5 - float(np.log(TOLERANCE)),
            "nodes": nodes.tolist(),
            "weights": weights.tolist(),
            "error": reciprocal.aliasing(step) + error,
        },
        "legendre": {"nodes": ((x + 1) / 2).tolist(), "weights": (w / 2).tolist()},
        "methods": [
            {name: getattr(method, name) for name in ("key", "name", "short", "signed", "chapter")}
            for method in METHODS.values()
        ],
        "words": " ".join(classifier.vocabulary.words),
        "tables": {name: packed(array) for name, array in arrays.items()},
    }


def script(classifier):
    """The same as a script: a page that is opened from disk may not fetch a file of data."""
    data = json.dumps(tables(classifier), ensure_ascii=False, separators=(",", ":"))
    return f"attentionLive.receive({data});\n"


def write(folder, classifier):
    """Write the scripts, the style and `data.js` into `folder`; return the hash of the data."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in SOURCE.iterdir():
        shutil.copy2(file, folder)
    data = script(classifier).encode("utf-8")
    (folder / "data.js").write_bytes(data)
    return hashlib.sha256(data).hexdigest()[:8]


def prepare(app):
    if app.builder.name == "html":
        from helpers import load_classifier

        app.live_data = write(Path(app.outdir) / "_static" / "live", load_classifier())


def load(app, pagename, templatename, context, doctree):
    """Load the scripts on the pages that have a live sentence; the data waits for the reader."""
    if app.builder.name == "html" and pagename in PAGES:
        app.add_css_file("live/live.css")
        data = {"data-tables": f"data.js?v={app.live_data}"}
        for name in (*COMMON, *PAGES[pagename]):
            app.add_js_file(f"live/{name}", loading_method="defer", **data)
            data = {}


def setup(app):
    app.connect("builder-inited", prepare)
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
