"""One HTTP call written out for people to copy: cURL, Python, JavaScript."""

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from userhero.ui.reference.literals import as_json, as_python


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent. At most one of ``body`` and ``form`` is set.

    A file in ``form`` is written as ``@name``.
    """

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def full_url(self) -> str:
        """The address with its query string."""
        return f"{self.url}?{urlencode(self.query, safe='@:,')}" if self.query else self.url

    @property
    def typed_headers(self) -> Mapping[str, str]:
        """The headers with the body's type, for languages that don't add it by themselves."""
        return self.headers if self.body is None else {**self.headers, "Content-Type": "application/json"}


class Snippet(NamedTuple):
    """A call in one language."""

    key: str
    language: str
    code: str


def snippets(call: Call) -> tuple[Snippet, ...]:
    """The call in every language, the most neutral first."""
    return tuple(Snippet(key, language, write(call)) for key, language, write in _LANGUAGES)


def _curl(call: Call) -> str:
    parts = ["curl"] if call.method == "GET" else [f"curl -X {call.method}"]
    parts.append(_shell_quoted(call.full_url))
    parts += [f"-H {_shell_quoted(f'{name}: {value}')}" for name, value in call.typed_headers.items()]
    parts += [f"-F {_shell_quoted(f'{name}={value}')}" for name, value in call.form.items()]
    if call.body is not None:
        parts.append(f"-d {shlex.quote(as_json(call.body))}")
    # A short first line: the address beside the command where there is no method between them.
    start = " ".join(parts[:2]) if call.method == "GET" else " \\\n  ".join(parts[:2])
    return " \\\n  ".join([start, *parts[2:]])


def _shell_quoted(text: str) -> str:
    # Double quotes, where the text allows them, let a reader put a shell variable in the place of the key.
    return shlex.quote(text) if any(character in text for character in '"$`\\!') else f'"{text}"'


def _python(call: Call) -> str:
    files = {name: value[1:] for name, value in call.form.items() if value.startswith("@")}
    texts = {name: value for name, value in call.form.items() if name not in files}
    arguments = [json.dumps(call.url)]
    for name, value in (("headers", call.headers), ("params", call.query), ("data", texts)):
        if value:
            arguments.append(f"{name}={as_python(value, depth=1)}")
    if files:
        opened = ", ".join(f'{json.dumps(name)}: open({json.dumps(path)}, "rb")' for name, path in files.items())
        arguments.append(f"files={{{opened}}}")
    if call.body is not None:
        arguments.append(f"json={as_python(call.body, depth=1)}")
    arguments.append("timeout=10")
    listed = ",\n    ".join(arguments)
    return (
        f"import requests\n\nresponse = requests.{call.method.lower()}(\n    {listed},\n)\n"
        "response.raise_for_status()\nprint(response.json())"
    )


def _javascript(call: Call) -> str:
    options = [f'method: "{call.method}"'] if call.method != "GET" else []
    if call.typed_headers:
        options.append(f"headers: {as_json(call.typed_headers, depth=1)}")
    if call.body is not None:
        options.append(f"body: JSON.stringify({as_json(call.body, depth=1)})")
    lines = [f"const url = {json.dumps(call.full_url)};"]
    if call.form:
        options.append("body: form")
        lines += ["const form = new FormData();", *_javascript_form(call.form)]
    listed = ",\n  ".join(options)
    lines += [
        f"const response = await fetch(url, {{\n  {listed},\n}});" if options else "const response = await fetch(url);",
        "if (!response.ok) throw new Error(await response.text());",
        "console.log(await response.json());",
    ]
    return "\n".join(lines)


def _javascript_form(form: Mapping[str, str]) -> list[str]:
    # A browser gives files only to people who chose them.
    return [
        f"form.append({json.dumps(name)}, {'fileInput.files[0]' if value.startswith('@') else json.dumps(value)});"
        for name, value in form.items()
    ]


_LANGUAGES: Final[tuple[tuple[str, str, Callable[[Call], str]], ...]] = (
    ("curl", "cURL", _curl),
    ("python", "Python", _python),
    ("javascript", "JavaScript", _javascript),
)
