"""`costs.yaml`: what people say about their bill beside it: owners' tags, shared costs, invoices, prices, offers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from ...core.errors import InputError
from ..plain_files import read_plain_text
from ..plain_yaml import DocumentError, documents
from .allocation import AllocationRules

COSTS_FILE = "costs.yaml"
_LARGEST_BYTES = 1_000_000


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InvoiceTotal(_Form):
    """What an invoice says."""

    issuer: str = Field(min_length=1, max_length=200)
    period: date = Field(description="first day of the billing period")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    total: Decimal = Field(max_digits=30, decimal_places=6)


class PriceFile(_Form):
    """A price list as plain CSV: which of its columns is what."""

    file: str = Field(min_length=1, max_length=200, description="a file in the fleet's folder")
    sku: str = Field(default="instance_type", max_length=100, description="column of the SKU")
    price: str = Field(default="usd_per_hour", max_length=100, description="column of the price")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="of the price column; never guessed from its name")
    region: str = Field(
        default="region", max_length=100, description="column of the region; everywhere if it is not there"
    )
    unit: str = Field(default="Hour", max_length=20)
    capacity_type: str = Field(default="on_demand", max_length=20)
    since: date = Field(description="from when the prices hold")


class OfferTerms(_Form):
    """A commitment that could be bought."""

    name: str = Field(min_length=1, max_length=100)
    discount: float = Field(gt=0, lt=1, description="share off the list price")
    term_months: int = Field(ge=1, le=60)


class CheaperModel(_Form):
    """A model that could answer in the place of another, in somebody's judgement."""

    model: str = Field(min_length=1, max_length=200)
    instead: str = Field(min_length=1, max_length=200)
    price_share: float = Field(ge=0, lt=1, description="its price over that of the other")


class CostRules(_Form):
    """Everything in `costs.yaml`; all of it may be left out."""

    allocation: AllocationRules = AllocationRules()
    invoices: tuple[InvoiceTotal, ...] = Field(default=(), max_length=10_000)
    price_files: tuple[PriceFile, ...] = Field(default=(), max_length=50)
    opencost_defaults: bool = Field(default=False, description="price cores, memory and GPUs at OpenCost's defaults")
    offers: tuple[OfferTerms, ...] = Field(default=(), max_length=50)
    commitment_ends: dict[str, date] = Field(default_factory=dict, max_length=10_000)
    cheaper_models: tuple[CheaperModel, ...] = Field(default=(), max_length=200)


def read_cost_rules(folder: Path) -> CostRules:
    """The rules beside a fleet; the defaults where there is no file.

    Raises:
        InputError: the file cannot be used.
    """
    path = folder / COSTS_FILE
    if not path.exists():
        return CostRules()
    text = read_plain_text(str(path), _LARGEST_BYTES)
    if text is None:
        raise InputError(f"{COSTS_FILE} cannot be read", remedy="it is a plain file of at most 1 MB, and no link")
    try:
        found = documents(text)
        return found[0].as_model(CostRules) if found else CostRules()
    except DocumentError as error:
        raise InputError(f"{COSTS_FILE}: {error}", remedy="see docs/costs.md for what it may say") from error
