"""Passwords given to commands: better not on the command line, where every user of the machine can read them."""

import sys

import click


def read_password(given: str | None) -> str | None:
    """The password itself; ``-`` asks for it at a terminal, and reads one line of standard input elsewhere."""
    if given != "-":
        return given
    if sys.stdin.isatty():
        answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return answer
    return sys.stdin.readline().rstrip("\r\n")


password_option = click.option(
    "--password", metavar="PASSWORD", help="Password to sign in with; - asks for it, or reads it from standard input."
)
