//! Measures how soon the page is shown, how soon a number is shown, and how soon the charts of History are drawn.
//! `cargo xtask bench start`, `bench latency` and `bench chart` build the page, run one of these tests, and make
//! tables of the rows printed here.

mod chart;
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

#[test]
fn the_charts_of_history() {
    chart::measure();
}
