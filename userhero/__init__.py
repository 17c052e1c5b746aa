"""userhero: a customer feedback and support platform that teams run themselves."""

__version__ = "0.1.0"
