"""A file of the catalogue, whichever of its forms it has."""

from __future__ import annotations

from ..plain_yaml import DocumentError, documents
from . import backstage, own_form
from .catalogue import Catalogue, merged


def read(text: str) -> Catalogue:
    """The catalogue in a text.

    Raises:
        DocumentError: it is none, or something in it is wrong; names the line.
    """
    parts, foreign = [], []
    for document in documents(text):
        if own_form.is_own(document):
            parts.append(own_form.read(document))
        elif backstage.is_backstage(document):
            foreign.append(document)
        else:
            line = document.line_of(())
            raise DocumentError(f"line {line}: it has neither `entities` nor `teams`, and is no entity of Backstage")
    return merged([*parts, backstage.read(foreign)])
