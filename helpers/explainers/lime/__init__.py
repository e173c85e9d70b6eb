"""LIME for text (Ribeiro et al., 2016): exact, approximate, and sampled with error bars."""

from helpers.explainers.lime.approximations import (
    large_d_constant,
    mean_field,
    paper_approximation,
)
from helpers.explainers.lime.limit import exact, exact_many, mixture
from helpers.explainers.lime.sampling import package, sampled
from helpers.explainers.lime.sizes import gram_inverse, gram_matrix, moments, size_weights

__all__ = [
    "exact", "exact_many", "gram_inverse", "gram_matrix", "large_d_constant", "mean_field",
    "mixture", "moments", "package", "paper_approximation", "sampled", "size_weights",
]  # fmt: skip
