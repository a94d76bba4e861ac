"""The names under which telemetry is emitted, in one place, because they are still in flux.

Source: OpenTelemetry semantic conventions for GenAI, repository semantic-conventions-genai, release v0.1.0 (on
semantic conventions 1.45.0), status "Development".
"""

from __future__ import annotations

VERSION = "genai-0.1.0"

OPERATION_NAME = "gen_ai.operation.name"
PROVIDER_NAME = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
RESPONSE_MODEL = "gen_ai.response.model"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_STREAM = "gen_ai.request.stream"
RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"
USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
AGENT_NAME = "gen_ai.agent.name"
CONVERSATION_ID = "gen_ai.conversation.id"
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOOL_CALL_ID = "gen_ai.tool.call.id"
TOOL_CALL_ARGUMENTS = "gen_ai.tool.call.arguments"
TOOL_CALL_RESULT = "gen_ai.tool.call.result"
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
ERROR_TYPE = "error.type"

OPERATION_CHAT = "chat"
OPERATION_EXECUTE_TOOL = "execute_tool"
OPERATION_INVOKE_AGENT = "invoke_agent"

# Ours, where the conventions have no word.
DECISION = "opswarden.decision"
DECISION_CODE = "opswarden.decision.code"
LEDGER_SEQ = "opswarden.ledger.seq"
RESULT_STATUS = "opswarden.result.status"
TEAM = "opswarden.team"
OUTCOME = "opswarden.outcome"

_PROVIDERS = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "sagemaker": "aws.sagemaker",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""LiteLLM's prefixes that the conventions know under another name."""


def provider_of(declared: str, model: str) -> str:
    """`gen_ai.provider.name`: whose endpoint it is; the format it speaks, where nobody said.

    Args:
        declared: what the operator said; `unknown` or empty if nothing.
        model: LiteLLM's `provider/name`.
    """
    name = declared if declared not in ("", "unknown") else model.partition("/")[0]
    return _PROVIDERS.get(name, name or "_OTHER")


def model_of(model: str) -> str:
    """`gen_ai.request.model`: LiteLLM's `provider/name` without the provider."""
    return model.partition("/")[2] or model
