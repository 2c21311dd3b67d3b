"""One module per group of commands: parse arguments, call one function, print."""
