//! Nothing but tests, in `tests/`: what needs a browser and no tty.
