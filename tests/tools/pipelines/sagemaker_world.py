"""A SageMaker of a test: one pipeline whose newest execution failed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from opswarden.core.clock import FixedClock
from opswarden.core.systems.aws_api import AwsApi, AwsSigning, is_busy
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles.sagemaker_server import SagemakerServer
from opswarden.tests.tools.pipelines.airflow_world import BAD, GOOD, NOW
from opswarden.tools.pipelines.backends.sagemaker_pipelines import SagemakerPipelines
from opswarden.tools.pipelines.backends.settings import SagemakerPipelinesSettings


def sagemaker_server(due: datetime, days: int) -> SagemakerServer:
    """Features fail in their second attempt, so that training, which uses what they write, is in no list of steps."""
    definition = json.dumps(
        {
            "Steps": [
                {"Name": "extract", "Type": "Processing", "Arguments": {}},
                {"Name": "features", "Type": "Processing", "Arguments": {}, "DependsOn": ["extract"]},
                {"Name": "train", "Arguments": {"Input": {"Get": "Steps.features.ProcessingOutputConfig.Outputs"}}},
            ]
        }
    )
    runs, steps, lines = [], {}, {}
    for day in range(days):
        at, is_bad = (due - timedelta(days=day)), day == 0
        arn = f"arn:aws:sagemaker:eu-west-1:123456789012:pipeline/fraud_training/execution/x{day:03}"
        times = {"StartTime": at.timestamp(), "EndTime": (at + timedelta(minutes=30)).timestamp()}
        job = {"ProcessingJob": {"Arn": f"arn:aws:sagemaker:eu-west-1:123456789012:processing-job/features-{day}"}}
        failed = {"StepStatus": "Failed", "AttemptCount": 2, "FailureReason": "ClientError: exit code 1"}
        done = {"StepStatus": "Succeeded", "AttemptCount": 1, **times}
        steps[arn] = [
            {"StepName": "extract", **done},
            {"StepName": "features", "Metadata": job, **(failed | times if is_bad else done)},
            *([] if is_bad else [{"StepName": "train", **done}]),
        ]
        lines[f"features-{day}/algo-1"] = [
            (place, line) for place, line in enumerate((BAD if is_bad else GOOD).split("\n"))
        ]
        status = "Failed" if is_bad else "Succeeded"
        runs.append({"PipelineExecutionArn": arn, "PipelineExecutionStatus": status, "StartTime": at.timestamp()})
    return SagemakerServer({"fraud_training": runs}, dict.fromkeys(steps, definition), steps, lines)


def sagemaker_of(url: str, folder: Path) -> SagemakerPipelines:
    settings = SagemakerPipelinesSettings(
        kind="sagemaker-pipelines",
        environment="production",
        url=url,
        logs_url=url,
        region="eu-west-1",
        shared_s=0,
    )

    def api(service: str, prefix: str) -> AwsApi:
        own = settings if service == "sagemaker" else settings.for_logs()
        signing = AwsSigning("jobs", own, service, lambda: NOW)
        client = SystemClient("jobs", own, folder, clock=FixedClock(NOW), signing=signing, is_busy=is_busy)
        return AwsApi(client, prefix, "1.1")

    return SagemakerPipelines(api("sagemaker", "SageMaker"), api("logs", "Logs_20140328"), settings)
