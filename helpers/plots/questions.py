"""From a reader's question to what to report: the tree of the last chapter, as data.

The figure, the list of links, the blocks of the chapter and their tests read it. A leaf's call is
Python over what the chapter has at hand: a `reading`, a `closed` game, and modules of `helpers`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Leaf:
    """A question in the reader's words, and what to report.

    `key` names its block in the chapter, ``leaf-key``. `call` is one line; `proved` are labels of
    the ledger. `method` is the key in the registry of what is called, if it has one. A leaf
    without a call is another chapter: `chapter`, a page below ``book/``.
    """

    key: str
    asked: str
    answer: str
    call: str = ""
    proved: tuple[str, ...] = ()
    method: str = ""
    chapter: str = ""


@dataclass(frozen=True)
class Declined:
    """A method of the registry that is not to be reported: because, and the label that says so."""

    method: str
    because: str
    proved: str


CLOSED = Leaf(
    "closed", "No: many layers, or outputs only", "sample, with error bars",
    'explain(closed, "lime")', ("thm-sandwich",), "lime",
)  # fmt: skip

BRANCHES = {
    "Where?": (
        Leaf(
            "where", "Where did the model look?", "attention, head by head",
            "plots.looked(reading)",
            ("thm-sign-blindness", "thm-adversary"),
        ),
    ),
    "Why this output?": (
        Leaf(
            "parts", "What did each word put in?", "contributions",
            'explain(reading, "contributions")', ("thm-contributions",), "contributions",
        ),
        Leaf(
            "shares", "What is each word's share?", "Shapley values",
            'explain(reading, "shapley")', ("thm-exact-shapley", "thm-shapley-certificate"),
            "shapley",
        ),
        Leaf(
            "line", "What would LIME say?", "LIME without sampling",
            'explain(reading, "lime")', ("thm-exact-lime", "thm-certificate"), "lime",
        ),
        Leaf(
            "pairs", "Which words act together?", "interactions of all pairs",
            "interactions.exact(reading)", ("thm-every-pair",),
        ),
    ),
    "What if?": (
        Leaf(
            "gone", "What if one word were gone?", "leave-one-out",
            'explain(reading, "leave-one-out")', ("thm-one-curve",), "leave-one-out",
        ),
        Leaf(
            "flip", "What would change its mind?", "the smallest counterfactual",
            "[w for w, kept in zip(words, counterfactuals.smallest(reading).mask) if not kept]",
            ("prop-program",),
        ),
        Leaf(
            "other", "What if it were another word?", "substitutions",
            chapter="map/adversaries",
        ),
        Leaf(
            "fade", "What adds up from a blank text?", "integrated gradients",
            'explain(reading, "integrated-gradients")', ("cor-completeness", "thm-nodes"),
            "integrated-gradients",
        ),
        Leaf(
            "nudge", "How touchy is it at a word?", "length of the gradient",
            'explain(reading, "gradient-l2")', ("thm-gradient", "prop-basis"), "gradient-l2",
        ),
    ),
    "May I trust the map?": (
        Leaf(
            "corpus", "Does it hold on my texts?", "the way from chance to best",
            "plots.ways(reading)", ("thm-floor", "thm-scale"),
        ),
        Leaf(
            "wording", "Does it survive rewording?", "explain the rewordings, too",
            '[explain(classifier.read(x), "shapley").top(3) for x in reworded]',
            ("thm-dropped-shapley",),
        ),
        Leaf(
            "truth", "Does a method find known reasons?", "a model that is its own map",
            "ground_truth.intrinsic_map(seen_by_keys(reading))", ("thm-intrinsic-map",),
        ),
        Leaf(
            "people", "Will people find it plausible?", "a fact about people",
            'round(plausibility.auroc(-explain(reading, "shapley").scores, marked), 2)',
            ("thm-dial",),
        ),
    ),
    "What of the model as a whole?": (
        Leaf("learned", "Why did it learn that?", "influence", chapter="map/influence"),
        Leaf("overall", "What does it do overall?", "its vocabulary", chapter="map/vocabulary"),
        Leaf("heads", "What is a head for?", "effects of heads", chapter="map/heads"),
    ),
}  # fmt: skip

LEAVES = (CLOSED, *(leaf for leaves in BRANCHES.values() for leaf in leaves))

DECLINED = (
    Declined("attention-average", "a mean hides which head decides", "prop-deciding"),
    Declined("attention-maximum", "a near twin of the average, and as blind", "prop-two-norms"),
    Declined("gradient-mean", "the axes decide its sign", "prop-any-sign"),
    Declined("gradient-l1", "it changes with the axes, as G-l2 does not", "prop-any-sign"),
    Declined("gradient-times-input", "the origin decides its sign", "thm-origin"),
    Declined("mean-field-lime", "an approximation of what is there exactly", "thm-mean-field"),
    Declined("banzhaf", "near Shapley values, but without their sum", "thm-one-curve"),
)

CHECKLIST = {
    "output": "Which number is explained: logit or probability, of which class?",
    "model": "Which model, with which version or hash, and how good is it on held-out texts?",
    "method": "Which method, with which parameters and which version of the library?",
    "players": "What is scored, words or positions, and what stands where one is masked?",
    "sign": "Do scores have a sign, and if not, does the page say so beside the map?",
    "heads": "If attention is shown: of which layer and head, or how aggregated?",
    "total": "What do the scores add up to, and how much of it is not shown?",
    "error": "How large is the error: a proved bound, or samples, seed and error bars?",
    "chance": "How does the map score between chance and the best, on how many held-out texts?",
    "stability": "Does it stay under rewording, where the output stays?",
    "counter-example": "Is one text shown on which the map misleads?",
    "limits": "Is it said what the map cannot show?",
}  # what a page with a heat map should answer; checklist.txt beside the chapter is made of it
