"""``load_items``."""
