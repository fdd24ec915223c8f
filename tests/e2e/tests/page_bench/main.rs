//! How soon the page is there, and how soon a number is. `cargo xtask bench start` and `cargo xtask bench latency` build the
//! page, call one of these, and make a table of the rows printed here.

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
