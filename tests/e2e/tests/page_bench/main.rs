//! Measures how soon the page is shown, and how soon a number is shown. `cargo xtask bench start` and `cargo xtask
//! bench latency` build the page, run one of these tests, and make a table of the rows printed here.

mod latency;
mod start;

#[test]
fn a_first_visit() {
    start::measure();
}

#[test]
fn from_the_line_to_the_number() {
    latency::measure();
}
