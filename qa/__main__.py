"""``python -m qa``: the same as the console script ``wenbao``."""

from qa.cli import main

raise SystemExit(main())
