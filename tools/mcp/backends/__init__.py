"""How another MCP server is reached."""
