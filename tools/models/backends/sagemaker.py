"""The model registry of Amazon SageMaker: a model is a model package group, a version a model package.

SageMaker has no aliases. Ours is a tag of the group, `opswarden:ALIAS`, and what it points to is approved, so that
pipelines which deploy the newest approved package agree with it. Like an alias, a tag has neither history nor a
condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.aws import ask_aws, aws_client
from .local_artifacts import files_below, read_below
from .registry import MOST_VERSIONS, ArtifactFile, ModelVersion, RegisteredModel, RunFacts
from .settings import SagemakerSettings

_TAG = "opswarden:"


class SagemakerRegistry:
    """One account and region, with one profile.

    Args:
        name: what people call it.
        settings: of the account.
        client: of boto3; made from the settings if absent.

    Raises:
        ConfigError: boto3 is not installed.
    """

    def __init__(self, name: str, settings: SagemakerSettings, client: Any = None) -> None:
        self.place = name
        self.environment = settings.environment
        self._artifacts = tuple(folder.resolve() for folder in settings.artifacts)
        self._client = client if client is not None else aws_client(settings, "sagemaker")

    def model(self, name: str, deadline: Deadline) -> RegisteredModel | None:
        """`DescribeModelPackageGroup` and the tags of the group."""
        group = self._ask("describe_model_package_group", deadline, ModelPackageGroupName=name)
        if group is None:
            return None
        tags = self._ask("list_tags", deadline, ResourceArn=group["ModelPackageGroupArn"], MaxResults=50) or {}
        aliases = {
            str(tag["Key"]).removeprefix(_TAG): int(tag["Value"])
            for tag in tags.get("Tags", ())
            if str(tag["Key"]).startswith(_TAG) and str(tag["Value"]).isdigit()
        }
        return RegisteredModel(name, aliases)

    def version(self, name: str, version: int, deadline: Deadline) -> ModelVersion | None:
        """`DescribeModelPackage`."""
        arn = self._arn(name, version, deadline)
        found = self._ask("describe_model_package", deadline, ModelPackageName=arn) if arn else None
        return None if found is None else _version(found)

    def versions(self, name: str, deadline: Deadline) -> tuple[ModelVersion, ...]:
        """`ListModelPackages`, and each package."""
        found: list[ModelVersion] = []
        token: dict[str, str] = {}
        while len(found) < MOST_VERSIONS:
            asked = {"ModelPackageGroupName": name, "MaxResults": 100, **token}
            page = self._ask("list_model_packages", deadline, **asked) or {}
            for row in page.get("ModelPackageSummaryList", ()):
                package = self._ask("describe_model_package", deadline, ModelPackageName=row["ModelPackageArn"])
                if package is not None:
                    found.append(_version(package))
            if not page.get("NextToken"):
                break
            token = {"NextToken": str(page["NextToken"])}
        return tuple(sorted(found, key=lambda one: -one.version)[:MOST_VERSIONS])

    def point(self, name: str, alias: str, version: int, deadline: Deadline) -> None:
        """`UpdateModelPackage` to approve it, then `AddTags` to the group."""
        group = self._ask("describe_model_package_group", deadline, ModelPackageGroupName=name)
        arn = self._arn(name, version, deadline)
        if group is None or arn is None:
            raise BackendError(f"{self.place} has no such model", remedy="register a version first")
        self._ask("update_model_package", deadline, ModelPackageArn=arn, ModelApprovalStatus="Approved")
        tag = {"Key": f"{_TAG}{alias}", "Value": str(version)}
        self._ask("add_tags", deadline, ResourceArn=group["ModelPackageGroupArn"], Tags=[tag])

    def admit(self, name: str, source: ModelVersion, tags: Mapping[str, str], deadline: Deadline) -> ModelVersion:
        """`CreateModelPackage`, with the container of the source and these properties alone."""
        if self._ask("describe_model_package_group", deadline, ModelPackageGroupName=name) is None:
            self._ask("create_model_package_group", deadline, ModelPackageGroupName=name)
        image, _, data = source.source.rpartition("|")
        made = self._ask(
            "create_model_package",
            deadline,
            ModelPackageGroupName=name,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": image, **({"ModelDataUrl": data} if data else {})}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties=dict(tags),
        )
        found = self._ask("describe_model_package", deadline, ModelPackageName=(made or {}).get("ModelPackageArn", ""))
        if found is None:
            raise BackendError(f"{self.place} made no version", remedy="look into the registry")
        return _version(found)

    def run(self, run_id: str, deadline: Deadline) -> RunFacts | None:
        """Packages name no run: what a check asks of one stays unknown."""
        return None

    def files(self, version: ModelVersion, deadline: Deadline) -> tuple[ArtifactFile, ...]:
        """Files of a folder of this machine; archives in S3 are not fetched."""
        return files_below(self._folder(version))

    def read(self, version: ModelVersion, path: str, limit_bytes: int, deadline: Deadline) -> bytes:
        """One of those."""
        return read_below(self._folder(version), path, limit_bytes)

    def _folder(self, version: ModelVersion) -> Path:
        parts = urlsplit(version.source.rpartition("|")[2])
        folder = Path(unquote(parts.path)).resolve()
        if parts.scheme not in ("", "file") or not any(folder.is_relative_to(allowed) for allowed in self._artifacts):
            raise BackendError("artefacts in S3 are not fetched", remedy="mount the bucket and name it in `artifacts`")
        return folder

    def _arn(self, name: str, version: int, deadline: Deadline) -> str | None:
        group = self._ask("describe_model_package_group", deadline, ModelPackageGroupName=name)
        if group is None:
            return None
        return str(group["ModelPackageGroupArn"]).replace(":model-package-group/", ":model-package/") + f"/{version}"

    def _ask(self, operation: str, deadline: Deadline, **arguments: Any) -> Mapping[str, Any] | None:
        return ask_aws(self._client, self.place, operation, deadline, **arguments)


def _version(package: Mapping[str, Any]) -> ModelVersion:
    containers: list[Mapping[str, Any]] = (package.get("InferenceSpecification") or {}).get("Containers") or [{}]
    first = containers[0]
    created = package.get("CreationTime")
    return ModelVersion(
        name=str(package["ModelPackageGroupName"]),
        version=int(package["ModelPackageVersion"]),
        source=f"{first.get('Image', '')}|{first.get('ModelDataUrl', '')}",
        status="READY" if package.get("ModelPackageStatus") == "Completed" else str(package.get("ModelPackageStatus")),
        tags={str(key): str(value) for key, value in (package.get("CustomerMetadataProperties") or {}).items()},
        created_ms=int(created.timestamp() * 1000) if created is not None else 0,
    )
