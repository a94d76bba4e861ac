"""AgentDojo's attacks and tasks, replayed call by call through the gate."""
