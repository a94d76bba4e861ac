"""The settings of how runbooks are found."""

from __future__ import annotations

from pydantic import Field, model_validator

from ...core.config import Section


class EmbeddingSettings(Section):
    """A model of sentences that takes part in the search for runbooks; none unless one is named."""

    endpoint: str | None = Field(default=None, description="name of one of `models.endpoints`, for embeddings")
    local: str | None = Field(default=None, description="name under which a listed package adds a model")
    timeout_s: float = Field(default=3.0, gt=0, le=20, description="how long a search waits for it")

    @model_validator(mode="after")
    def _names_one(self) -> EmbeddingSettings:
        if self.endpoint is not None and self.local is not None:
            raise ValueError("name an `endpoint` or a `local` model, not both")
        if self.model_fields_set and self.endpoint is None and self.local is None:
            raise ValueError("name an `endpoint` or a `local` model, or leave the section out")
        return self
