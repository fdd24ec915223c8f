//! Meters that never existed: a demo without hardware, the test partner on a pseudo-terminal, and the oracle.
