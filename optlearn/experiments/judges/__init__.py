"""What stored results say to the claims: one function a claim, from a result to differences.

Each takes the result of the claim's experiment and returns the effect that the claim is judged by,
one number a seed, and by their descriptions other effects that belong beside it. What is
subtracted shares its seed, and with it initial weights and data.
"""

from . import quality, speed


def judge(claim):
    """Return the function that judges the claim of a name."""
    name = claim.replace("-", "_")
    return getattr(speed, name, None) or getattr(quality, name)
