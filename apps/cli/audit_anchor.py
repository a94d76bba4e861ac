"""`opswarden audit anchor`: the newest head, to places where this machine's keys do not reach."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .audit_heads import cosigned_head, witness_key_in
from .console import note
from .typed import typed

if TYPE_CHECKING:
    from datetime import datetime

    from ...policies.ledger.anchor import Anchoring
    from ...policies.ledger.cosignature import Cosigned
    from ..installation import Installation

_FILE = click.Path(path_type=Path, dir_okay=False)
_KNOWN_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("anchor")
@click.option("--to", "target", required=True, metavar="FILE|URL", help="A file, or the http(s) address of a witness.")
@click.option("--witness-key", type=_KNOWN_FILE, help="The public key of the witness, in a file of one line.")
@click.option("--cosigned", type=_FILE, help="Where the head that the witness cosigned is kept.")
@click.option("--push", is_flag=True, help="git: send the branch to `origin` afterwards.")
@click.option("--region", help="S3: of the bucket; without it, AWS_REGION.")
@click.option("--endpoint", help="S3: the address of a service that speaks S3, if it is not Amazon's.")
@click.option("--retain-days", type=click.IntRange(1), help="S3: how long nobody can delete the head; 365 by default.")
def command(
    target: str,
    witness_key: Path | None,
    cosigned: Path | None,
    push: bool,
    region: str | None,
    endpoint: str | None,
    retain_days: int | None,
) -> int:
    """Hand the newest signed head to a place outside, once, if the ledger continues what that place has seen.

    Exit 1 if it does not; then nothing is added. A file: the head is appended. A witness cosigns the head, which goes
    to --cosigned. A bare git repository gets a commit. A bucket with Object Lock gets an object that nobody can delete
    before its time.
    """
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light

    is_witness = target.startswith(("http://", "https://"))
    if is_witness != (witness_key is not None) or is_witness != (cosigned is not None):
        raise click.UsageError("a witness needs --witness-key and --cosigned, and nothing else takes them")
    is_git, is_s3 = target.startswith("git:"), target.startswith("s3://")
    if push and not is_git:
        raise click.UsageError("--push is for git")
    if not is_s3 and (region, endpoint, retain_days) != (None, None, None):
        raise click.UsageError("--region, --endpoint and --retain-days are for S3")
    with open_installation() as installation:
        if witness_key is not None and cosigned is not None:
            return _to_witness(installation, target, witness_key, cosigned)
        if is_git:
            return _to_git(installation, target, push=push)
        if is_s3:
            return _to_bucket(installation, target, region, endpoint, 365 if retain_days is None else retain_days)
        return _to_file(installation, Path(target))


def _to_file(installation: Installation, path: Path) -> int:
    from ...policies.ledger.anchor import anchor  # noqa: PLC0415 - as above

    found = anchor(path, installation.ledger, installation.database, installation.keys.ledger_keys())
    if found.torn_bytes:
        note(f"{typed(path)}: an unfinished head at the end was cut off ({found.torn_bytes} bytes)")
    return _told(found, str(path))


def _to_git(installation: Installation, target: str, *, push: bool) -> int:
    from ...policies.ledger.git_anchor import DEFAULT_FILE, anchor_in_git  # noqa: PLC0415 - as above

    folder, _, name = target.removeprefix("git:").partition("#")
    found = anchor_in_git(
        Path(folder),
        name or DEFAULT_FILE,
        installation.ledger,
        installation.database,
        installation.keys.ledger_keys(),
        installation.clock,
        is_pushed=push,
    )
    return _told(found, target)


def _to_bucket(
    installation: Installation, target: str, region: str | None, endpoint: str | None, retain_days: int
) -> int:
    import os  # noqa: PLC0415 - only where it is wanted

    from ...core.key_services.credentials import aws_credentials  # noqa: PLC0415 - as above
    from ...policies.ledger.s3_anchor import Bucket, S3Heads, anchor_in_bucket  # noqa: PLC0415 - as above

    bucket = Bucket.at(target, region or os.environ.get("AWS_REGION"), endpoint)
    heads = S3Heads(bucket, aws_credentials(os.environ, 10.0), installation.clock, retain_days)
    found = anchor_in_bucket(heads, installation.ledger, installation.database, installation.keys.ledger_keys())
    return _told(found, target)


def _told(found: Anchoring, place: str) -> int:
    if found.status == "refused":
        click.echo(f"REFUSED: {found.problem}")
        return 1
    if found.status == "empty":
        click.echo("the ledger is empty: there is no head yet")
    elif found.status == "unchanged":
        click.echo(f"nothing new: {typed(place)} ends with the head over {found.size} entries")
    else:
        click.echo(f"{'began' if found.is_new else 'appended to'} {typed(place)}: head over {found.size} entries")
    return 0


def _to_witness(installation: Installation, url: str, key: Path, cosigned: Path) -> int:
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...core.https import HttpPlace  # noqa: PLC0415 - as above
    from ...policies.ledger.witnessed import have_cosigned  # noqa: PLC0415 - as above
    from ..people.senders import write_whole  # noqa: PLC0415 - as above

    witness = witness_key_in(key)
    ledger = installation.ledger
    known_size = 0
    if cosigned.exists():
        try:
            kept = cosigned_head(cosigned, ledger.origin, installation.keys.ledger_keys(), dict([witness]))
            known_size = kept.head.size
        except InputError as error:
            note(f"{error.message}; it is replaced")
    # Nothing that is sent is secret, and nothing that comes back is believed without its signature.
    place = HttpPlace("the witness", url, may_be_plain=True)
    found = have_cosigned(place, ledger, installation.database, witness, known_size=known_size)
    if found.status == "refused":
        click.echo(f"REFUSED: {found.problem}")
        return 1
    if found.status == "empty":
        click.echo("the ledger is empty: there is no head yet")
        return 0
    write_whole(cosigned, found.note)
    click.echo(f"{cosigned}: head over {found.size} entries, {vouched(found.by, installation.clock.now())}")
    return 0


def vouched(by: tuple[Cosigned, ...], now: datetime) -> str:
    """Who cosigned when, in words; a moment still to come is pointed out."""
    from ...core.clock import to_iso  # noqa: PLC0415 - as above

    return ", ".join(
        f"cosigned by {one.witness} at {to_iso(one.at)}{' (its clock is ahead)' if one.at > now else ''}" for one in by
    )
