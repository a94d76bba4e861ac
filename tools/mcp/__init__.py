"""Tools of other people's MCP servers, behind our gate."""
