"""What mail programs write around the mail that is answered, in the languages they are used in."""

import re

_IGNORE = re.IGNORECASE

# Between the one who wrote and the date, or after both: "On …, Ann wrote:", "Am … schrieb Ann:", "Ann schrieb am …:".
WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|schreibt|geschrieben|a écrit|écrivait|escribió|ha scritto|escreveu|schreef|geschreven"
    r"|skrev|napisał|napisała|kirjoitti|написал|написала|пише)\b",
    _IGNORE,
)
# How a line of that kind begins, for those that were broken after their first words.
OPENING = re.compile(r"(?:On|Am|Le|El|Il|Em|Op|Den|W dniu)\b.{0,80}\d.{0,80}", _IGNORE)
DATE = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d{1,2}[:.h]\d{2}")
TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}")

ORIGINAL = re.compile(
    r"-{2,} ?(?:original message|originalnachricht|ursprüngliche nachricht|original-nachricht|message d['\u2019]origine"
    r"|message original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht) ?-{2,}",
    _IGNORE,
)
FORWARDED = re.compile(
    r"-{5,} ?(?:forwarded message|weitergeleitete nachricht|message transféré|message réexpédié|mensaje reenviado"
    r"|messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht) ?-{5,}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)"
    r"|début du message (?:transféré|réexpédié)|inicio del mensaje reenviado) ?:",
    _IGNORE,
)
FORWARD_SUBJECT = re.compile(r"(?:fwd?|wg|tr|rv|i|enc|doorst) ?:", _IGNORE)

# The heading that Outlook puts over a mail that is answered: who, and two of when, to whom, and about what.
HEADING_FROM = re.compile(r"(?:from|von|de|da|van|från|fra|od) ?:", _IGNORE)
HEADING_LABELS = (
    re.compile(
        r"(?:sent|date|gesendet|datum|envoyé|date|enviado(?: el)?|fecha|inviato|data|enviada em|verzonden) ?:", _IGNORE
    ),
    re.compile(r"(?:to|an|à|para|a|aan|till|til|do) ?:", _IGNORE),
    re.compile(r"(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|temat) ?:", _IGNORE),
)

# What a device adds below, on a line of its own. Short, so that a sentence that begins so is none.
SENT_FROM = re.compile(
    r"sent from my(?: [^ ]+){1,3}|sent (?:from|with|via) (?:outlook|mail|yahoo|proton|aol|gmx|samsung|spark)\b.{0,60}"
    r"|get outlook for .{1,60}|von meinem(?: [^ ]+){1,4} gesendet|gesendet von meinem(?: [^ ]+){1,4}"
    r"|gesendet (?:von|mit|aus) (?:outlook|mail|der|yahoo|proton)\b.{0,60}|(?:holen sie sich )?outlook für .{1,60}"
    r"|envoyé (?:de|depuis|à partir de) (?:mon|outlook|courrier|yahoo|l['\u2019]application)\b.{0,60}"
    r"|(?:obtenez|télécharge[rz]) outlook pour .{1,60}"
    r"|enviado desde (?:mi|outlook|correo|yahoo)\b.{0,60}|obt(?:ener|én|enga) outlook para .{1,60}",
    _IGNORE,
)
