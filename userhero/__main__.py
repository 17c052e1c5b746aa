"""``python -m userhero`` is ``userhero``."""

from userhero.cli import main

if __name__ == "__main__":
    main()
