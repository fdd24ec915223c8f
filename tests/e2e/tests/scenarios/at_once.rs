//! Several meters at once. This module comes first, because the longest tests should start first.

mod four_meters;
mod two_meters;
