"""``python tests/trust/hasty.py serve …``: the program, which has a tenth of its patience with slow clients."""

import sys

from granian.http import HTTP1Settings

from userhero import cli
from userhero.kernel.http import request
from userhero.server import serve

TENTH = 10

if __name__ == "__main__":
    patience = serve._HTTP["http1_settings"].header_read_timeout
    serve._HTTP["http1_settings"] = HTTP1Settings(header_read_timeout=patience // TENTH)
    request.BODY_SECONDS = request.BODY_SECONDS // TENTH
    cli.main(sys.argv[1:])
