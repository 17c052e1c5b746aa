"""How fast the product is, measured against floors in the same run: ``make bench``. See docs/performance.md."""
