"""Where people meet it: the command line, the reports, and the wiring that alone knows all the parts."""
