use super::*;
use plotters::prelude::SVGBackend;

const PALETTE: Palette = Palette {
    ground: RGBColor(255, 255, 255),
    ink: RGBColor(1, 1, 1),
    ink_quiet: RGBColor(2, 2, 2),
    line: RGBColor(3, 3, 3),
    import: RGBColor(200, 100, 0),
    export: RGBColor(0, 100, 200),
};
const IMPORT: &str = "#C86400";
const EXPORT: &str = "#0064C8";
const INK: &str = "#010101";
const LINE: &str = "#030303";

/// A minute from 2026-11-21T01:30:00Z in six columns, on the clock of Oslo in winter.
fn chart(columns: &[Option<(f64, f64)>]) -> Chart<'_> {
    let from = 1_795_224_600_000;
    Chart {
        from: Moment(from),
        to: Moment(from + 60_000),
        columns,
        gap: 15_000,
        now: None,
        offset_minutes: 60,
        palette: PALETTE,
        font: "system-ui",
        ratio: 1.0,
    }
}

fn svg(chart: &Chart<'_>, size: (u32, u32)) -> String {
    let mut svg = String::new();
    chart.draw(SVGBackend::with_string(&mut svg, size)).unwrap();
    svg
}

fn drawn(columns: &[Option<(f64, f64)>]) -> String {
    svg(&chart(columns), (800, 300))
}

/// Elements of that kind in that colour.
fn count(svg: &str, element: &str, colour: &str) -> usize {
    let opening = format!("<{element} ");
    svg.lines().filter(|line| line.starts_with(&opening) && line.contains(colour)).count()
}

/// The words of the picture, in the order in which they were written.
fn words(svg: &str) -> Vec<&str> {
    let texts = svg.split("<text ").skip(1);
    texts.filter_map(|text| text.split_once(">\n")?.1.lines().next()).collect()
}

fn level(watts: f64) -> Option<(f64, f64)> {
    Some((watts, watts))
}

#[test]
fn an_unbroken_range_is_one_curve_with_one_tint() {
    let svg = drawn(&[500.0, 600.0, 550.0, 700.0, 650.0, 600.0].map(level));
    assert_eq!(count(&svg, "polyline", INK), 1);
    assert_eq!(count(&svg, "polygon", IMPORT), 1);
    assert_eq!(count(&svg, "polygon", EXPORT), 0);
}

#[test]
fn a_gap_stays_open_and_is_hatched() {
    let whole = drawn(&[level(5.0), level(6.0), level(5.0), level(6.0), level(5.0), level(6.0)]);
    let broken = drawn(&[level(5.0), level(6.0), None, None, level(5.0), level(6.0)]);
    assert_eq!(count(&broken, "polyline", INK), 2);
    assert_eq!(count(&broken, "polygon", IMPORT), 2);
    assert!(count(&broken, "polyline", LINE) > count(&whole, "polyline", LINE) + 5);
}

#[test]
fn columns_that_are_empty_between_two_readings_are_no_gap() {
    let svg = drawn(&[level(5.0), None, level(6.0), None, level(5.0), None]);
    // 20 s apart, with a gap of 15 s: three readings, each alone.
    assert_eq!(count(&svg, "rect", INK), 3);
    let columns = [level(5.0), None, level(6.0), None, level(5.0), None];
    let patient = Chart { gap: 30_000, ..chart(&columns) };
    let svg = self::svg(&patient, (800, 300));
    assert_eq!((count(&svg, "rect", INK), count(&svg, "polyline", INK)), (0, 1));
}

#[test]
fn nothing_is_hatched_before_the_first_reading_or_without_any() {
    let late = drawn(&[None, None, None, None, None, level(5.0)]);
    let empty = drawn(&[None; 6]);
    let silent = drawn(&[level(5.0), None, None, None, None, None]);
    assert_eq!(count(&late, "polyline", LINE), count(&empty, "polyline", LINE));
    assert!(count(&silent, "polyline", LINE) > count(&empty, "polyline", LINE));
    assert_eq!(count(&empty, "polyline", INK), 0);
}

#[test]
fn import_and_export_have_their_own_tints_that_meet_on_zero() {
    let svg = drawn(&[level(100.0), level(-100.0), level(-300.0), level(100.0), None, None]);
    assert_eq!(count(&svg, "polygon", IMPORT), 2);
    assert_eq!(count(&svg, "polygon", EXPORT), 1);
    let edge = [(0.0, 100.0), (10.0, -100.0), (20.0, -300.0), (30.0, 100.0)];
    assert_eq!(one_side(&edge, 1.0), [vec![(0.0, 100.0), (5.0, 0.0)], vec![(27.5, 0.0), (30.0, 100.0)]]);
    assert_eq!(one_side(&edge, -1.0), [vec![(5.0, 0.0), (10.0, -100.0), (20.0, -300.0), (27.5, 0.0)]]);
    assert_eq!(one_side(&[(0.0, 0.0), (1.0, 0.0)], 1.0), Vec::<Vec<_>>::new());
}

#[test]
fn time_is_written_in_human_steps_of_the_local_clock() {
    let svg = drawn(&[None; 6]);
    let words = words(&svg);
    for clock in ["02:30:00", "02:30:10", "02:30:50", "02:31:00"] {
        assert!(words.contains(&clock), "{clock} in {words:?}");
    }
    assert_eq!(words.iter().filter(|word| word.contains(':')).count(), 7);
}

#[test]
fn hours_and_days_are_those_of_the_site() {
    let day = |offset_minutes| Chart { to: Moment(1_795_224_600_000 + DAY), offset_minutes, ..chart(&[]) };
    let (oslo, kolkata) = (day(60), day(330));
    let first = |chart: &Chart<'_>, step| chart.clock(chart.time_ticks(step)[0], step);
    assert_eq!(first(&oslo, 10_800_000), "03:00");
    // 01:30 UTC is 07:00 there; in steps of three hours of the local clock, 09:00 is next.
    assert_eq!(first(&kolkata, 10_800_000), "09:00");
    assert_eq!(first(&oslo, DAY), "22 Nov");
}

#[test]
fn the_current_value_stands_at_the_end_of_the_curve() {
    let columns = [500.0, 600.0, 550.0, 700.0, 650.0, 600.0].map(level);
    let svg = svg(&Chart { now: Some(612.0), ..chart(&columns) }, (800, 300));
    assert_eq!(words(&svg).last(), Some(&"612\u{a0}W"));
    let exporting = [level(-1.0)];
    let svg = self::svg(&Chart { now: Some(-20_400.0), ..chart(&exporting) }, (800, 300));
    assert_eq!(words(&svg).last(), Some(&"\u{2212}20.400\u{a0}kW"));
    assert_eq!(count(&svg, "rect", EXPORT), 1);
    assert!(!words(&drawn(&columns)).contains(&"612\u{a0}W"));
}

#[test]
fn a_dense_screen_gets_the_same_picture_with_twice_the_pixels() {
    let columns = [500.0, -600.0, 550.0].map(level);
    let plain = svg(&chart(&columns), (800, 300));
    let dense = svg(&Chart { ratio: 2.0, ..chart(&columns) }, (1600, 600));
    assert_eq!(words(&plain), words(&dense));
    assert_eq!(count(&plain, "polygon", IMPORT), count(&dense, "polygon", IMPORT));
    assert!(dense.contains(r#"stroke-width="3""#) && !plain.contains(r#"stroke-width="3""#));
}

#[test]
fn no_size_and_no_span_is_too_small() {
    let columns = [level(5.0), level(-5.0)];
    for size in [(1, 1), (100, 20), (360, 120)] {
        svg(&Chart { now: Some(5.0), ratio: 3.0, ..chart(&columns) }, size);
    }
    for (from, to) in [(5, 5), (6, 5), (i64::MIN, i64::MAX)] {
        svg(&Chart { from: Moment(from), to: Moment(to), ..chart(&columns) }, (800, 300));
    }
}
