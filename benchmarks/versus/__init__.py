"""The same work done by others: ``make bench-versus``. See docs/versus.md."""
