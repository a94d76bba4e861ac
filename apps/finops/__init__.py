"""The cost agent as people meet it: a fleet opened, a run driven, its report rendered, its files written."""
