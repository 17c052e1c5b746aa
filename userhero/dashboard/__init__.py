"""Pages that show several slices at once: the inbox, and an item with its customer, conversation and macros."""

__all__: list[str] = []
