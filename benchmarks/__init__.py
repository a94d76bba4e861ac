"""Speed, measured: every figure is printed with CPU time and the load of the machine beside it."""
