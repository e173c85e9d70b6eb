"""LIME for text (Ribeiro et al., 2016): exact, approximate, and sampled with error bars."""

from helpers.explainers.lime.approximations import (
    centred_rule,
    large_d_constant,
    mean_field,
    paper_approximation,
)
from helpers.explainers.lime.limit import exact, exact_many, mixture
from helpers.explainers.lime.sampling import (
    draw_masks,
    fewest_samples,
    fit,
    kernel,
    package,
    sampled,
    samples_needed,
)
from helpers.explainers.lime.sizes import (
    BANDWIDTH,
    gram_inverse,
    gram_matrix,
    moments,
    ridge_shift,
    size_weights,
)

__all__ = [
    "BANDWIDTH", "centred_rule", "draw_masks", "exact", "exact_many", "fewest_samples", "fit",
    "gram_inverse", "gram_matrix", "kernel", "large_d_constant", "mean_field", "mixture", "moments",
    "package", "paper_approximation", "ridge_shift", "sampled", "samples_needed",
    "size_weights",
]  # fmt: skip
