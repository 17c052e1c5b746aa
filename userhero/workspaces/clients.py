"""What a browser calls itself, in two words that its owner knows it by."""

# Those that pretend to be others stand before the others.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Vivaldi", "Vivaldi"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_LONGEST = 60


def client_name(user_agent: str | None) -> str:
    """``Firefox on Linux``; the beginning of what it says where it is none that is known."""
    if not user_agent:
        return "Unknown browser"
    browser = next((name for part, name in _BROWSERS if part in user_agent), None)
    system = next((name for part, name in _SYSTEMS if part in user_agent), None)
    if browser is None:
        return user_agent[:_LONGEST]
    return browser if system is None else f"{browser} on {system}"
