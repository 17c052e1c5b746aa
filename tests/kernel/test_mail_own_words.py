"""What is new in an answer is told from what it answers, for the mail programs and languages that people use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userhero.kernel import clock
from userhero.kernel.mail.reading.markup import text_of_html
from userhero.kernel.mail.reading.own_words import own_words

NEW = "It works now.\n\nThank you!"
QUOTED = "> Hello Ann,\n>\n> Version 2 is out. Is it better?\n>\n> Bob"
BARE = "Hello Ann,\n\nVersion 2 is out. Is it better?\n\nBob"

GMAIL = [
    "On Mon, Nov 23, 2026 at 10:12 AM Bob <bob@example.com> wrote:",
    "On Mon, Nov 23, 2026 at 10:12\u202fAM Bob of the Support Team at Acme <\nsupport-answers@example.com> wrote:",
    "Am Mo., 23. Nov. 2026 um 10:12 Uhr schrieb Bob <bob@example.com>:",
    "Am Mo., 23. Nov. 2026 um 10:12 Uhr schrieb Bob vom Support <\nsupport-answers@example.com>:",
    "Bob <bob@example.com> schrieb am Mo., 23. Nov. 2026, 10:12:",
    "Le lun. 23 nov. 2026 à 10:12, Bob <bob@example.com> a écrit :",
    "Le lun. 23 nov. 2026 à 10:12, Bob du service <support@example.com>\na écrit :",
    "Le lun. 23 nov.\n2026 à 10:12, Bob <bob@example.com> a écrit :",
    "El lun, 23 nov 2026 a las 10:12, Bob (<bob@example.com>) escribió:",
    "El lun, 23 nov 2026 a las 10:12, Bob del soporte (<support@example.com>)\nescribió:",
]
APPLE = [
    "On 23 Nov 2026, at 10:12, Bob <bob@example.com> wrote:",
    "On Nov 23, 2026, at 10:12 AM, Bob <bob@example.com> wrote:",
    "Am 23.11.2026 um 10:12 schrieb Bob <bob@example.com>:",
    "Le 23 nov. 2026 à 10:12, Bob <bob@example.com> a écrit :",
    "El 23 nov 2026, a las 10:12, Bob <bob@example.com> escribió:",
]
THUNDERBIRD = [
    "On 23/11/2026 10:12, Bob wrote:",
    "Am 23.11.26 um 10:12 schrieb Bob:",
    "Le 23/11/2026 à 10:12, Bob a écrit :",
    "El 23/11/2026 a las 10:12, Bob escribió:",
]
OUTLOOK = [
    "From: Bob <bob@example.com>\nSent: Monday, November 23, 2026 10:12 AM\nTo: Ann <ann@example.org>\nSubject: Re: Hi",
    "From: Bob <bob@example.com>\nDate: Monday, 23 November 2026 at 10:12\nTo: Ann, Carl,\n Dora\nCc: Eve\nSubject: Hi",
    "Von: Bob <bob@example.com>\nGesendet: Montag, 23. November 2026 10:12\nAn: Ann <ann@example.org>\nBetreff: AW: Hi",
    "De : Bob <bob@example.com>\nEnvoyé : lundi 23 novembre 2026 10:12\nÀ : Ann <ann@example.org>\nObjet : RE: Hi",
    "De: Bob <bob@example.com>\nEnviado: lunes, 23 de noviembre de 2026 10:12\nPara: Ann <a@x.org>\nAsunto: RE: Hi",
    "De: Bob\nEnviado el: lunes, 23 de noviembre de 2026 10:12\nPara: Ann\nAsunto: RE: Hi",
    "*From:* Bob <bob@example.com>\n*Sent:* Monday, November 23, 2026 10:12 AM\n*To:* Ann\n*Subject:* Re: Hi",
]
ORIGINAL = [
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-----Message d'origine-----",
    "-----Message d’origine-----",  # noqa: RUF001
    "-----Mensaje original-----",
    "-------- Original Message --------",
    "-------- Originalnachricht --------",
]
DEVICES = [
    "Sent from my iPhone",
    "Get Outlook for iOS",
    "Sent from Outlook for Android",
    "Von meinem iPhone gesendet",
    "Gesendet mit der GMX Mail App",
    "Outlook für iOS beziehen",
    "Envoyé de mon iPhone",
    "Obtenez Outlook pour Android",
    "Enviado desde mi iPhone",
    "Obtener Outlook para iOS",
]


@pytest.mark.parametrize("attribution", [*GMAIL, *APPLE, *THUNDERBIRD])
def test_answers_above_what_they_answer(attribution: str) -> None:
    assert own_words(f"{NEW}\n\n{attribution}\n\n{QUOTED}\n") == NEW
    assert own_words(f"{NEW}\n{attribution}\n{QUOTED}\n") == NEW, "with nothing between"
    assert own_words(f"{NEW}\n\n{attribution}\n") == NEW, "with no history"


@pytest.mark.parametrize("attribution", [*GMAIL, *APPLE, *THUNDERBIRD])
def test_a_history_whose_lines_are_not_marked(attribution: str) -> None:
    assert own_words(f"{NEW}\n\n{attribution}\n\n{BARE}\n") == NEW


@pytest.mark.parametrize("attribution", APPLE)
def test_a_history_that_is_marked_with_its_attribution(attribution: str) -> None:
    assert own_words(f"{NEW}\n\n> {attribution}\n> \n{QUOTED}\n") == NEW


@pytest.mark.parametrize("attribution", [*GMAIL, *APPLE, *THUNDERBIRD])
def test_answers_below_and_between(attribution: str) -> None:
    assert own_words(f"{attribution}\n\n{QUOTED}\n\n{NEW}\n") == NEW
    between = f"Hello,\n\n{attribution}\n> Is it better?\n\nYes.\n\n> And faster?\n\nNo.\n\n> Bob\n\nAnn"
    assert own_words(between) == "Hello,\n\nYes.\n\nNo.\n\nAnn"


@pytest.mark.parametrize("heading", OUTLOOK)
def test_outlook(heading: str) -> None:
    for above in ("\n", "\n________________________________\n", "\n\n \n--------------------\n"):
        assert own_words(f"{NEW}\n{above}{heading}\n\n{BARE}\n") == NEW


@pytest.mark.parametrize("line", ORIGINAL)
def test_marks_before_the_original(line: str) -> None:
    assert own_words(f"{NEW}\n\n{line}\nFrom: Bob\n\n{BARE}") == NEW


@pytest.mark.parametrize("device", DEVICES)
def test_what_a_device_adds(device: str) -> None:
    assert own_words(f"{NEW}\n\n{device}\n") == NEW
    assert own_words(f"{NEW}\n\n{device}\n\n{GMAIL[0]}\n{QUOTED}") == NEW
    assert own_words(f"{NEW}\n\n{device}\n________________________________\n{OUTLOOK[0]}\n\n{BARE}") == NEW
    assert own_words(device) == "", "there is nothing else"


@pytest.mark.parametrize("delimiter", ["-- ", "--"])
def test_signatures(delimiter: str) -> None:
    signature = f"{delimiter}\nAnn Example\nAcme\n+1 555 0100"
    assert own_words(f"{NEW}\n\n{signature}\n") == NEW
    assert own_words(f"{NEW}\n\n{signature}\n\n{GMAIL[0]}\n{QUOTED}") == NEW
    assert own_words(f"{GMAIL[0]}\n{QUOTED}\n\n{NEW}\n{signature}\n") == NEW
    long = "\n".join(f"line {number}" for number in range(20))
    assert own_words(f"{NEW}\n{delimiter}\n{long}") == f"{NEW}\n--\n{long}", "too long for a signature"


@pytest.mark.parametrize(
    "text",
    [
        "On your site I wrote: hello, and nothing came.",
        "The log says:\n> error 1\n> error 2\n\nWhat now?",
        "I wrote:\nthis and that",
        "From: the top\nit should go to the bottom",
        "From: Berlin\nTo: Paris\n\nIs there no train?",
        "Sent from the form on your page, it never arrives.",
        "Sent from my phone it does not work, but from a computer it does.",
        "Steps:\n- open\n- close\n\nOn Monday at 10:00 it fails:\nError 500",
        "de: something\n\npara: somebody\n\nasunto: else",
        "At 10:12 I saw this:\n> Error 500",
        "a\n-----\nb",
    ],
)
def test_what_somebody_wrote_stays(text: str) -> None:
    assert own_words(text) == text


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "Anfang der weitergeleiteten Nachricht:",
        "---------- Message transféré ---------",
        "---------- Mensaje reenviado ---------",
    ],
)
def test_what_is_forwarded_is_to_be_read(marker: str) -> None:
    text = f"See below.\n\n{marker}\nFrom: Carl\nDate: Mon, Nov 23\nSubject: Broken\nTo: Ann\n\nIt broke."
    assert own_words(text) == text


def test_nothing_but_history_is_nothing() -> None:
    assert own_words(f"{GMAIL[0]}\n\n{QUOTED}") == ""
    assert own_words("") == ""
    assert own_words("\n \n\t\n") == ""


def test_unknown_languages_are_told_by_date_address_and_marks() -> None:
    for line in (
        "2026年11月23日(月) 10:12 Bob <bob@example.com>:",
        "W dniu 23.11.2026 o 10:12, Bob pisze (bob@example.com):",
    ):
        assert own_words(f"{NEW}\n\n{line}\n{QUOTED}") == NEW


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div>One</div><div>Two<br>Three</div>", "One\nTwo\nThree"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>a &lt;b&gt; &amp; c&nbsp;d</p>", "a <b> & c d"),
        ("a<br><br>b", "a\n\nb"),
        ("<html><head><title>T</title><style>p{}</style></head><body>x<script>1<2</script>y</body>", "xy"),
        ("<!DOCTYPE html><!-- a > b --><p title='a > b'>x</p><![if !mso]>y<![endif]>", "x\n\ny"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("x<blockquote>a<br>b<blockquote>c</blockquote></blockquote>d", "x\n> a\n> b\n> > c\nd"),
        ("a < b and c > d", "a < b and c > d"),
        ("<p>un<b>close", "unclose"),
        ("a<style>p{}", "a"),
        ("so\u00adft\u200b", "soft"),
    ],
)
def test_html_as_text(markup: str, text: str) -> None:
    assert text_of_html(markup).strip() == text


IN_HTML = {
    "Gmail": """<div dir="ltr">It works now.<div><br></div><div>Thank you!</div></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Nov 23, 2026 at 10:12\u202fAM Bob
&lt;<a href="mailto:bob@example.com">bob@example.com</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote" style="margin:0"><p>Hello Ann,</p><p>Version 2</p></blockquote></div>""",
    "Outlook": """<html><body><p class=MsoNormal>It works now.</p><p class=MsoNormal>Thank you!<o:p></o:p></p>
<div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Von:</b> Bob &lt;bob@example.com&gt;
<br><b>Gesendet:</b> Montag, 23. November 2026 10:12<br><b>An:</b> Ann<br><b>Betreff:</b> Hi</p></div></div>
<p class=MsoNormal>Hello Ann</p></body></html>""",
    "Apple Mail": """<body>It works now.<div><br></div><div>Thank you!</div><div><br><blockquote type='cite'>
<div>Le 23 nov. 2026 à 10:12, Bob &lt;bob@example.com&gt; a écrit :</div><br><div>Hello Ann</div></blockquote></div>""",
    "Outlook on the web": """<div>It works now.</div><div><br></div><div>Thank you!</div><hr><div id='divRplyFwdMsg'>
<b>De:</b> Bob<br><b>Enviado:</b> lunes<br><b>Para:</b> Ann<br><b>Asunto:</b> Hi</div><div>Hello Ann</div>""",
}


@pytest.mark.parametrize("program", IN_HTML)
def test_answers_in_html_alone(program: str) -> None:
    assert own_words(text_of_html(IN_HTML[program])) == NEW


pieces = st.sampled_from(
    [
        "On Mon, Nov 23, 2026 at 10:12 Bob <b@x.org> wrote:",
        "> ",
        ">",
        "\n",
        "\n\n",
        "--\n",
        "From: a",
        "To: b",
        "Sent: c",
        "wrote:",
        ":",
        "Subject: d",
        "Sent from my iPhone",
        "-----Original Message-----",
        "text",
        "  ",
        "*",
        "_" * 40,
        "\r",
        "é",
    ]
)


@given(st.lists(pieces | st.text(max_size=20), max_size=60).map("".join))
def test_nothing_is_made_up(text: str) -> None:
    """Whatever comes in, each line that comes out was in it, in that order."""
    lines = iter([line.rstrip() for line in text.split("\n")])
    for line in own_words(text).split("\n"):
        assert not line.strip() or any(line.strip() == each.strip() for each in lines)


@pytest.mark.parametrize(
    "unit",
    ["\n", "a:\n", "> a\n", "From: a\n", "On 3 wrote: ", "Le ", "--\n", "gesendet von meinem ", "wrote 10:12:\n", "-"],
)
def test_long_texts_take_no_time(unit: str) -> None:
    """A pattern that looks at everything twice would take minutes here."""
    started = clock.monotonic()
    own_words(unit * (400_000 // len(unit)))
    assert clock.monotonic() - started < 5


@pytest.mark.parametrize(
    "unit", ["<", "<a ", '<a "', "<a'\"", "<!--", "<div>", "<blockquote>", "<style>", "&amp", "<pre>\n", "</"]
)
def test_long_markup_takes_no_time(unit: str) -> None:
    started = clock.monotonic()
    text_of_html(unit * (1_000_000 // len(unit)))
    assert clock.monotonic() - started < 5
