"""SymPy pieces that derivations share: documents of symbolic length, equality that raises."""

from __future__ import annotations

import sympy as sp
from sympy.concrete.delta import deltasummation

T = sp.Symbol("T", integer=True, positive=True)
t, s, tau = sp.symbols("t s tau", integer=True, positive=True)
l, u = sp.IndexedBase("l", real=True), sp.IndexedBase("u", real=True)


def total(term: sp.Expr, index: sp.Symbol = t) -> sp.Sum:
    """Σ over the T tokens of a document."""
    return sp.Sum(term, (index, 1, T))


def head_output(l: sp.IndexedBase = l, u: sp.IndexedBase = u) -> sp.Expr:
    """f = Σ_t exp(l_t) u_t / Σ_s exp(l_s) for symbolic T."""
    return total(sp.exp(l[t]) * u[t]) / total(sp.exp(l[s]), s)


def collapse(expression: sp.Expr, token: sp.Symbol = tau) -> sp.Expr:
    """Work out the Kronecker sums that differentiating left, for a `token` from 1 to T."""

    def inside(sum_: sp.Sum) -> sp.Expr:
        term, (index, low, high) = sum_.function.expand(), sum_.limits[0]
        worked = deltasummation(term, (index, low, high)) if term.has(sp.KroneckerDelta) else sum_
        return sp.refine(worked, sp.Q.ge(token, low) & sp.Q.ge(high, token))

    return sp.refine(expression.replace(sp.Sum, lambda f, *limits: inside(sp.Sum(f, *limits))))


def require_equal(left: sp.Expr, right: sp.Expr) -> None:
    """Raise `AssertionError`, with the difference, unless `left` - `right` simplifies to zero."""
    if sp.expand(left - right) == 0:  # often enough, and much faster
        return
    difference = sp.simplify(left - right)
    is_zero = difference == 0 or getattr(difference, "is_ZeroMatrix", False)
    if not (is_zero or getattr(difference, "is_zero_matrix", False)):
        raise AssertionError(f"the two sides differ by {difference}")
