"""The figure and the tables of the page on speed, from the report of ``benchmarks/run.py``."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from helpers.plots.base import BLUE, INK, RED
from helpers.plots.tables import Table

Results = Mapping[str, Mapping[str, object]]
SPACE = "\N{NO-BREAK SPACE}"


def duration(seconds: float) -> str:
    """Two significant digits and a unit: 2.6 s, 24 ms, 6.1 µs."""
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if seconds * factor >= 0.95:
            return f"{_two_digits(seconds * factor)}{SPACE}{unit}"
    return f"{_two_digits(seconds * 1e6)}{SPACE}µs"


def times(ratio: float) -> str:
    """A ratio in two significant digits, or whole from 100 on."""
    return f"{_two_digits(ratio)}{SPACE}×"


def machine_table(machine: Mapping[str, object]) -> Table:
    """What the figures were measured on."""
    return Table(("machine", ""), tuple((name, str(value)) for name, value in machine.items()))


def target(r: Mapping[str, object]) -> str:
    """What was aimed at: a ratio, or a time of ours; empty if nothing was."""
    if "target_s" in r:
        return f"≤{SPACE}{duration(r['target_s'])}"
    return f"≥{SPACE}{r['target']:g}{SPACE}×" if "target" in r else ""


def reached(r: Mapping[str, object]) -> bool:
    """Whether a comparison with a target reached it."""
    return r["ours_s"] <= r["target_s"] if "target_s" in r else r["ratio"] >= r["target"]


def speed_table(results: Results) -> Table:
    """Both times, the ratio, its quartiles and its target, for each comparison."""
    rows = [
        (
            title,
            duration(r["ours_s"]),
            duration(r["peer_s"]),
            times(r["ratio"]),
            f"{_two_digits(r['ratio_low'])} to {_two_digits(r['ratio_high'])}"
            if "ratio_low" in r
            else "",
            target(r),
        )
        for title, r in results.items()
    ]
    return Table(("comparison", "ours", "peer", "ratio", "quartiles", "target"), tuple(rows))


def notes_table(results: Results) -> Table:
    """What was called on either side, and the note, in one line each."""
    rows = []
    for title, r in results.items():
        beside = f"{r['ours']}, beside {r['peer']}" if "ours" in r and "peer" in r else ""
        rows.append((title, "; ".join(filter(None, (beside, str(r.get("note", "")))))))
    return Table(("comparison", "what was called"), tuple(rows))


def ratios(results: Results) -> Figure:
    """A bar for each ratio, the largest first, on a logarithmic axis: above it what is compared.

    Quartiles are a whisker, and a target is a diamond.
    """
    ranked = sorted(results.items(), key=lambda pair: -pair[1]["ratio"])
    figure, axis = plt.subplots(figsize=(5.8, 0.7 + 0.36 * len(ranked)))
    least = min(r.get("ratio_low", r["ratio"]) for _, r in ranked)
    most = max(r.get("ratio_high", r["ratio"]) for _, r in ranked)
    axis.set(xscale="log", xlim=(least / 1.5, 2.6 * most), ylim=(len(ranked) - 0.5, -0.85))
    for place, (title, r) in enumerate(ranked):
        ratio = r["ratio"]
        low, high = r.get("ratio_low", ratio), r.get("ratio_high", ratio)
        axis.barh(place, ratio - 1, left=1, color=BLUE if ratio >= 1 else RED, height=0.3)
        axis.plot([low, high], [place] * 2, color=INK, linewidth=1.2)
        axis.text(least / 1.5, place - 0.4, title, fontsize=9, va="center")
        aim = r.get("target")
        if "target_s" in r:
            aim = r["peer_s"] / r["target_s"]
        if aim:
            axis.plot(aim, place, "D", color="white", markeredgecolor=INK, markersize=5)
        end = max(high, aim or 0, 1)
        axis.text(1.12 * end, place, times(ratio), fontsize=9, va="center", color=INK)
        axis.plot([1, 1], [place - 0.2, place + 0.2], color=INK, linewidth=0.8)
    axis.set_xticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    axis.minorticks_off()
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("times faster than the peer")
    return figure


def budget_table(results: Results) -> Table:
    """What exact values and estimators reach: time, evaluations of f, largest relative error."""
    rows = []
    for title, r in results.items():
        if "estimators" in r:
            rows.append((title, "exact", duration(r["ours_s"]), "", below(r["error"])))
            rows += [
                (title, f"shap, {name}", duration(e["seconds"]), f"{e['evaluations']:,}",
                 below(e["error"]))
                for name, e in r["estimators"].items()
            ]  # fmt: skip
    return Table(("comparison", "by", "time", "evaluations of f", "largest error"), tuple(rows))


def below(error: float) -> str:
    """A share in two digits; what is only rounding is not told by its digits."""
    return f"below{SPACE}1e-12" if error < 1e-12 else f"{100 * error:.2g}{SPACE}%"


def _two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}" if value < 100 else f"{value:.0f}"
