"""Who said it: profiles made from the addresses that come with feedback.

``identify`` is how other slices get from an address to a customer; ``find_email`` and ``find_phone`` give the one
spelling in which addresses are stored.
"""

from userhero.customers.contacts import find_email, find_phone
from userhero.customers.identify import Contact, forget_feedback, identify
from userhero.customers.tables import customers

__all__ = ["Contact", "customers", "find_email", "find_phone", "forget_feedback", "identify"]
