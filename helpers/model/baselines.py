"""What the classifiers are compared with: words counted, and nothing of their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.data.kinds import list_of
from helpers.data.reviews import Review
from helpers.data.words import tokenize

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

PENALTY = 1.0  # C of the logistic regression, chosen by validation in the chapter on training


def bag_of_words(reviews: Sequence[Review]) -> Pipeline:
    """Logistic regression on which words a text has, fitted to the polarity of `reviews`.

    ``predict(texts)`` gives a bool for each, true for positive. It knows the words of at least
    three reviews, as the attention classifier does.
    """
    from sklearn.feature_extraction.text import CountVectorizer  # a second to import
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    reviews = list_of(Review, "reviews", reviews, "give corpus.split(load_snippets())['train']")
    words = CountVectorizer(
        tokenizer=tokenize, token_pattern=None, lowercase=False, binary=True, min_df=3
    )
    model = make_pipeline(words, LogisticRegression(C=PENALTY, max_iter=1000))
    return model.fit([x.text for x in reviews], [x.positive for x in reviews])
