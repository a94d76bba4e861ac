"""What can be done: typed tools, the analyses behind them, the backends they read."""
