//! Several meters at once. It comes first, since what takes longest should begin first.

mod four_meters;
mod two_meters;
