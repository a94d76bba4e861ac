"""The check file of a model: YAML, closed and typed, reviewed like code."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ....core.config import Section
from ....core.errors import ConfigError
from ...plain_yaml import DocumentError, documents

_Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9 _-]*$")]
_Column = Annotated[str, Field(min_length=1, max_length=128)]
_Path = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$")]
RateName = Literal["recall", "false_positive_rate", "selected_rate"]


_ALLOWED = (
    "builtins.bytearray builtins.complex builtins.dict builtins.frozenset builtins.list builtins.object builtins.set "
    "builtins.slice _codecs.encode collections.OrderedDict collections.defaultdict copyreg._reconstructor datetime "
    "decimal.Decimal numpy.core numpy._core numpy.ndarray numpy.dtype numpy.random numpy.ma.core pandas.core "
    "scipy.sparse sklearn lightgbm xgboost catboost torch._utils torch.FloatStorage torch.LongStorage torch.nn.modules"
)
"""What usual models are rebuilt with."""


class _Check(Section):
    name: _Name = Field(description="what people call it")
    environments: tuple[str, ...] = Field(default=(), description="where it is asked for; none: everywhere")


class MetricCheck(_Check):
    """No worse than the champion on the same rows, whole and in every segment."""

    kind: Literal["metric"]
    metric: Literal["auc", "brier", "log_loss", "recall", "false_positive_rate"]
    segment: _Column | None = Field(default=None, description="column of the scored rows; every value is a segment")
    margin: float = Field(ge=0, lt=1, description="how much worse is still as good")
    floor: float | None = Field(default=None, description="and this good by itself; all that counts without a champion")
    threshold: float = Field(default=0.5, description="a score above it selects")
    least_rows: int = Field(default=500, ge=50, description="of a segment; smaller ones are judged together")


class CalibrationCheck(_Check):
    """Scores are probabilities: in every tenth of them, events happen as often as the scores say."""

    kind: Literal["calibration"]
    most: float = Field(gt=0, lt=1, description="difference of observed and predicted rate in any tenth")
    least_rows: int = Field(default=1_000, ge=100)


class FairnessCheck(_Check):
    """A rate of every group beside that of all others."""

    kind: Literal["fairness"]
    column: _Column
    rate: RateName
    most: float = Field(gt=0, lt=1, description="difference between a group and all others")
    threshold: float = 0.5
    least_rows: int = Field(
        default=300, ge=50, description="with a rate to speak of; smaller groups are judged together"
    )


class BudgetCheck(_Check):
    """A number that the run noted, such as the 99th percentile of latency or the memory needed, is within bounds."""

    kind: Literal["budget"]
    metric: str = Field(min_length=1, max_length=250, description="of the run: `latency_p99_ms`, `memory_mb`")
    most: float


class SchemaCheck(_Check):
    """Every input has a signature, and something that provides it."""

    kind: Literal["schema"]
    features: tuple[str, ...] = Field(
        default=(), max_length=10_000, description="inputs that are provided: `name:type`"
    )
    like_champion: bool = Field(default=True, description="whether what feeds the champion counts as provided")


class LineageCheck(_Check):
    """It is known what the version was made of."""

    kind: Literal["lineage"]
    datasets: tuple[str, ...] = Field(default=(), description="data sets that the run must have read, with a digest")
    tags: tuple[str, ...] = Field(default=("mlflow.source.git.commit",), description="that the run must carry")


class ReproducibleCheck(_Check):
    """Another run of the same code, data and seed came to the same metrics."""

    kind: Literal["reproducible"]
    repeat_tag: str = Field(default="repeated_by", description="tag of the version with the id of that other run")
    seed_param: str = "seed"
    tolerance: float = Field(default=1e-6, ge=0, description="relative, of every metric that both have")


class ArtefactCheck(_Check):
    """What lies in the artefact, read without loading any of it."""

    kind: Literal["artefact"]
    most_mb: float = Field(default=2_000, gt=0, description="all files together")
    allowed_imports: tuple[str, ...] = Field(
        default=tuple(_ALLOWED.split()), description="modules, or names in modules, that a pickle may mention"
    )
    forbidden_files: tuple[str, ...] = Field(default=(".exe", ".so", ".dll", ".sh", ".dylib"), description="endings")


class ApprovalsCheck(_Check):
    """People have signed this version off, by role, not too long ago."""

    kind: Literal["approvals"]
    roles: tuple[str, ...] = Field(min_length=1)
    within_days: int = Field(default=30, ge=1, le=366)


class FreezeCheck(_Check):
    """No change freeze binds the environment."""

    kind: Literal["freeze"]


class SloCheck(_Check):
    """The error budgets of what the model serves have something left, and none burns fast."""

    kind: Literal["slo"]
    entities: tuple[str, ...] = Field(
        default=(), max_length=50, description="whose objectives; what serves the model if none is named"
    )
    least_left: float = Field(ge=0, le=1, description="share of each error budget")


AnyCheck: TypeAlias = Annotated[
    MetricCheck
    | CalibrationCheck
    | FairnessCheck
    | BudgetCheck
    | SchemaCheck
    | LineageCheck
    | ReproducibleCheck
    | ArtefactCheck
    | ApprovalsCheck
    | FreezeCheck
    | SloCheck,
    Field(discriminator="kind"),
]


class CheckFile(Section):
    """Everything that is asked of one model."""

    version: Literal[1] = 1
    model: str = Field(min_length=1, max_length=128)
    scored: _Path = Field(
        default="evaluation/scored.parquet", description="in the artefact: rows with label and scores"
    )
    label: _Column = "label"
    score: _Column = "score"
    champion_score: _Column = Field(default="champion_score", description="what the champion said of the same rows")
    against_tag: str = Field(
        default="evaluated_against",
        description="tag of version or run: the champion that was asked; `TAG.ENVIRONMENT` goes first",
    )
    checks: tuple[AnyCheck, ...] = Field(min_length=1, max_length=100)


def read_check_file(text: str, model: str) -> CheckFile:
    """The check file of a model.

    Raises:
        ConfigError: it cannot be read, does not fit, or belongs to another model.
    """
    try:
        found = documents(text)
        if len(found) != 1:
            raise DocumentError("a check file is one document")
        file = found[0].as_model(CheckFile)
    except DocumentError as error:
        raise ConfigError(f"the check file of {model!r} cannot be used: {error}", remedy="see docs/models.md") from None
    if file.model != model:
        raise ConfigError(f"the check file of {model!r} is another model's", remedy="correct `model` in it")
    names = [check.name for check in file.checks]
    if len(set(names)) < len(names):
        raise ConfigError(f"two checks of {model!r} have one name", remedy="rename one of them")
    return file
