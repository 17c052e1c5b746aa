"""An address for answers leads one recipient to one conversation, and can't be made by anybody else."""

from base64 import b32encode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from userhero.kernel import ids
from userhero.kernel.crypto import Keys
from userhero.kernel.mail.addresses import find_address
from userhero.kernel.mail.replies import ReplyAddress, read_reply_address, reply_address

KEYS, OTHER_KEYS = Keys(b"k" * 32), Keys(b"o" * 32)
DOMAIN, ANN, EVE = "reply.example.com", "ann@example.org", "eve@example.org"
conversations = st.from_regex(r"[a-z0-9_]{1,37}", fullmatch=True)
people = st.from_regex(r"[a-z0-9]{1,20}@[a-z]{1,10}\.example", fullmatch=True)


def read(address: str, domain: str = DOMAIN) -> ReplyAddress:
    found = read_reply_address(address, domain)
    assert found is not None
    return found


@given(conversations, people, people)
def test_it_proves_for_whom_it_was_made(conversation: str, recipient: str, other: str) -> None:
    address = reply_address(KEYS, DOMAIN, conversation, recipient)
    found = read(address)
    assert found.conversation_id == conversation
    assert found.is_for(KEYS, recipient)
    assert not found.is_for(OTHER_KEYS, recipient)
    if other != recipient:
        assert not found.is_for(KEYS, other)
        assert reply_address(KEYS, DOMAIN, conversation, other) != address


@given(conversations, people, st.data())
def test_a_changed_address_proves_nothing(conversation: str, recipient: str, data: st.DataObject) -> None:
    local, _, domain = reply_address(KEYS, DOMAIN, conversation, recipient).rpartition("@")
    place = data.draw(st.integers(0, len(local) - 1))
    changed = local[:place] + data.draw(st.sampled_from("abcxyz0234567_-+")) + local[place + 1 :]
    assume(changed != local)
    found = read_reply_address(f"{changed}@{domain}", DOMAIN)
    assert found is None or not found.is_for(KEYS, recipient)


@given(conversations, people)
def test_mail_servers_may_change_its_case(conversation: str, recipient: str) -> None:
    address = reply_address(KEYS, DOMAIN, conversation, recipient)
    for spelling in (address.upper(), address.title(), f" {address} "):
        assert read(spelling) == read(address)
    assert read(address).is_for(KEYS, recipient.upper())


@given(st.text(max_size=300))
def test_other_addresses_are_none(text: str) -> None:
    for address in (text, f"{text}@{DOMAIN}", f"reply+{text}@{DOMAIN}"):
        found = read_reply_address(address, DOMAIN)
        assert found is None or not found.is_for(KEYS, ANN)


def test_it_is_a_valid_address_for_ids_as_they_are_made() -> None:
    address = reply_address(KEYS, DOMAIN, ids.new("fb"), ANN)
    local = address.partition("@")[0]
    assert find_address(address) == address
    assert local.islower()
    assert len(local) <= 64


def test_it_works_at_one_domain_only() -> None:
    address = reply_address(KEYS, DOMAIN, "fb_1", ANN)
    assert read_reply_address(address, "other.example.com") is None
    local = address.partition("@")[0]
    assert read_reply_address(f"{local}@evil.example", DOMAIN) is None
    international = reply_address(KEYS, "bücher.example", "fb_1", ANN)
    assert international.endswith("@xn--bcher-kva.example")
    assert read(international, "bücher.example").is_for(KEYS, ANN)


def test_the_two_halves_of_what_is_proven_can_not_be_moved() -> None:
    """``fb_1`` for ``2x@…`` and ``fb_12`` for ``x@…`` are not the same."""
    first = read(reply_address(KEYS, DOMAIN, "fb_1", "2x@example.org"))
    assert not ReplyAddress("fb_12", first.mark).is_for(KEYS, "x@example.org")
    assert not ReplyAddress("fb_2", first.mark).is_for(KEYS, "2x@example.org")


def test_it_is_no_other_mark_of_this_installation() -> None:
    """What is signed for another purpose proves nothing here."""
    for purpose in ("mail-reply", "cursor"):
        mark = b32encode(KEYS.mark(purpose, b"fb_1 ann@example.org")).decode().rstrip("=").lower()
        assert ReplyAddress("fb_1", mark).is_for(KEYS, ANN) == (purpose == "mail-reply")


@pytest.mark.parametrize("conversation", ["", "FB_1", "fb-1", "fb 1", "fb\r\n1", "x" * 38, "é"])
def test_ids_that_do_not_fit(conversation: str) -> None:
    with pytest.raises(ValueError, match="no address for answers"):
        reply_address(KEYS, DOMAIN, conversation, ANN)


@pytest.mark.parametrize("domain", ["", "exa mple.org", "a@b.org", "x.org\r\nBcc: e@e.org", "a." * 120 + "org"])
def test_domains_that_do_not_fit(domain: str) -> None:
    with pytest.raises(ValueError, match="no address for answers"):
        reply_address(KEYS, domain, "fb_1", ANN)
