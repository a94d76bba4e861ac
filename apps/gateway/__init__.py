"""Language models for agents built elsewhere, behind the gate, in the form of OpenAI's chat completions."""
