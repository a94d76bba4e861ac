"""The model port: LangChain's chat interface on this side, `gate.prompt` in the middle, an endpoint behind it."""
