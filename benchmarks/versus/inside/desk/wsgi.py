"""What gunicorn serves."""

from django.core.wsgi import get_wsgi_application  # type: ignore[import-not-found]

application = get_wsgi_application()
