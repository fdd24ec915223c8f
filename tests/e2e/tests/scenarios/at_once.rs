//! Several meters at once. These tests are among the longest. The module's name makes them start early, because libtest
//! starts tests in the order of their names.

mod four_meters;
mod two_meters;
