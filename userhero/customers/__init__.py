"""Who said it: profiles made from the addresses that come with feedback.

``identify`` is how other slices get from an address to a customer; ``find_email`` and ``find_phone`` give the one
spelling in which addresses are stored. What points at customers follows where they go by ``links_customers``.
"""

from userhero.customers.actions.erase import Leaving, begin_farewell, end_farewell
from userhero.customers.actions.identify import Contact, forget_feedback, identify
from userhero.customers.actions.identify_many import Sender, Sight, identify_many
from userhero.customers.actions.sight import note_sight
from userhero.customers.contacts import find_email, find_phone
from userhero.customers.extracts import EXTRACTS, THEIRS
from userhero.customers.links import links_customers
from userhero.customers.queries import find_emails, find_owner, find_profile
from userhero.customers.tables import customer_moves, customers
from userhero.customers.types import CustomerProfile

__all__ = [
    "EXTRACTS",
    "THEIRS",
    "Contact",
    "CustomerProfile",
    "Leaving",
    "Sender",
    "Sight",
    "begin_farewell",
    "customer_moves",
    "customers",
    "end_farewell",
    "find_email",
    "find_emails",
    "find_owner",
    "find_phone",
    "find_profile",
    "forget_feedback",
    "identify",
    "identify_many",
    "links_customers",
    "note_sight",
]
