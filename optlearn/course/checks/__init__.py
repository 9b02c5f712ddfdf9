"""Checks of the exercises: what is right, what is not, and what the mistake is called."""

from .engine import check, student, variant, working
from .help import hint, reveal
from .report import Report

__all__ = ["Report", "check", "hint", "reveal", "student", "variant", "working"]
