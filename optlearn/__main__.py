"""``python -m optlearn`` is the command ``optlearn``."""

from .cli import main

raise SystemExit(main())
