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
RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"
USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
AGENT_NAME = "gen_ai.agent.name"
CONVERSATION_ID = "gen_ai.conversation.id"
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOOL_CALL_ID = "gen_ai.tool.call.id"
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
