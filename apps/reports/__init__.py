"""A triage report for every surface: terminal, Markdown, HTML with charts, JSON."""
