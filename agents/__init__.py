"""What to do next: LangGraph graphs, and the port through which they reach a language model."""
