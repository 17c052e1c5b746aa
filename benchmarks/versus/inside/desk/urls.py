"""Where things are: the admin's pages, and django-helpdesk at the root."""

from django.contrib import admin  # type: ignore[import-not-found]
from django.urls import include, path  # type: ignore[import-not-found]

urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls", namespace="helpdesk"))]
