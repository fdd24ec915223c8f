//! Contains only tests, in `tests/`: those that need a browser but no tty.
