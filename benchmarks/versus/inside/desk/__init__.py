"""A Django project around django-helpdesk, as its stand-alone image sets one up."""
