"""The one-cycle policy: up to a high rate, down to almost none."""

from dataclasses import dataclass

from .base import Schedule, check_number, check_rate, check_steps
from .curves import cosine_left, linear_left

CURVES = {"cos": cosine_left, "linear": linear_left}


@dataclass(frozen=True)
class one_cycle(Schedule):
    r"""Rise from a low rate to a high one, then fall far below where it began.

    With peak :math:`\eta`, :math:`T` steps and :math:`P = pT - 1` steps up, the rate goes from
    :math:`\eta / d` at step 1 to :math:`\eta` at step :math:`P + 1`, and from there to
    :math:`\eta / (d f)` at step :math:`T`; each way along half a cosine wave.

    Parameters
    ----------
    peak : float
        :math:`\eta > 0`.
    steps : int
        :math:`T`; later steps have the last rate.
    pct_start : float, default 0.3
        :math:`p` in (0, 1), the share of the steps spent rising, with :math:`pT > 1`. Where
        :math:`pT` is not whole, the peak falls between two steps.
    div_factor : float, default 25
        :math:`d \ge 1`.
    final_div_factor : float, default 1e4
        :math:`f \ge 1`.
    anneal_strategy : {"cos", "linear"}, default "cos"
        Cosine waves or straight lines.
    three_phase : bool, default False
        Fall from the peak to :math:`\eta / d` in :math:`P` steps, as Smith & Topin draw it, and
        only then to :math:`\eta / (d f)`. Needs :math:`p \le 1/2`.

    Notes
    -----
    PyTorch's ``OneCycleLR``, except that this one leaves the momentum alone and does not raise
    after its last step; ``OneCycleLR`` cycles the momentum between 0.95 and 0.85 unless told
    otherwise. Optax's ``cosine_onecycle_schedule`` reaches the peak and the end one step later.

    References
    ----------
    Smith & Topin, "Super-convergence: very fast training of neural networks using large learning
    rates", 2018.
    """

    peak: float
    steps: int
    pct_start: float = 0.3
    div_factor: float = 25.0
    final_div_factor: float = 1e4
    anneal_strategy: str = "cos"
    three_phase: bool = False

    def __post_init__(self):
        check_rate("peak", self.peak)
        check_steps(self.steps)
        most = 0.5 if self.three_phase else 1
        wanted = "in (0, 0.5] with three_phase" if self.three_phase else "in (0, 1)"
        check_number("pct_start", self.pct_start, lambda p: 0 < p < 1 and p <= most, wanted)
        if self.pct_start * self.steps <= 1:
            raise ValueError(
                f"steps={self.steps} and pct_start={self.pct_start} leave no step to rise: raise "
                "one of them until their product is above 1"
            )
        for name in ("div_factor", "final_div_factor"):
            check_number(name, getattr(self, name), lambda x: x >= 1, ">= 1, since it divides")
        if self.anneal_strategy not in CURVES:
            raise ValueError(
                f"anneal_strategy must be one of {list(CURVES)}, got {self.anneal_strategy!r}"
            )

    def at(self, t):
        low = self.peak / self.div_factor
        up = self.pct_start * self.steps - 1
        corners = [(0, low), (up, self.peak)]  # (steps done, rate)
        if self.three_phase:
            corners.append((2 * up, low))
        corners.append((self.steps - 1, low / self.final_div_factor))
        s = min(t, self.steps) - 1
        after = next(i for i, (end, _) in enumerate(corners) if i and s <= end)
        (start, a), (end, b) = corners[after - 1 : after + 1]
        return b + (a - b) * CURVES[self.anneal_strategy]((s - start) / (end - start))
