"""`tokstream key OWNER`: makes an API key."""

import hashlib
import re
import secrets

import click


@click.command()
@click.argument("owner")
def key(owner: str) -> None:
    """Make an API key for OWNER. The key is shown once; only its digest is configured."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", owner):
        raise click.BadParameter("1 to 64 letters, digits, dots, hyphens or underscores", param_hint="OWNER")
    secret = f"tok_{secrets.token_urlsafe(24)}"
    click.echo(f"key (give it to {owner}, it is not shown again): {secret}")
    click.echo(f"setting: TOKSTREAM_API_KEYS={owner}={hashlib.sha256(secret.encode()).hexdigest()}")
