//! Charts that people have checked by eye, and that `read_back` checks against their data. If one changes on purpose,
//! write it again with `METERTAP_GOLDEN=write`, and look at it before committing.

use std::path::Path;

use super::*;

/// The light colours of the style sheet.
const LIGHT: Palette = Palette {
    ground: RGBColor(255, 255, 255),
    ink: RGBColor(26, 29, 32),
    ink_quiet: RGBColor(86, 92, 98),
    line: RGBColor(217, 219, 215),
    import: RGBColor(179, 74, 0),
    export: RGBColor(26, 95, 180),
    gas: RGBColor(122, 96, 0),
    water: RGBColor(0, 109, 125),
    heat: RGBColor(168, 50, 50),
};
/// 2026-11-20T23:00:00Z: midnight in Oslo.
const MIDNIGHT: i64 = 1_795_215_600_000;
const HOUR: i64 = 3_600_000;

fn assert_golden(name: &str, chart: &Chart<'_>, size: (u32, u32)) {
    let seen = svg(&Chart { palette: LIGHT, font: "system-ui, sans-serif", ..chart.clone() }, size);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/view/chart/tests/{name}.svg"));
    if std::env::var("METERTAP_GOLDEN").is_ok_and(|wish| wish == "write") {
        std::fs::write(&file, &seen).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(seen == known, "{name}.svg differs from the approved picture");
}

/// A day of a house with solar panels: a column for every five minutes, and an hour in which nothing was received.
pub(super) fn day() -> Vec<Option<(f64, f64)>> {
    let column = |place: i32| {
        let hour = f64::from(place) / 12.0;
        let sun = (3000.0 - (hour - 12.5).powi(2) * 160.0).max(0.0);
        let kitchen = if (17.0..19.5).contains(&hour) { 2400.0 } else { 0.0 };
        let low = 180.0 + kitchen - sun + f64::from(place * 37 % 100);
        let high = low + if place % 9 == 0 { 1500.0 } else { 120.0 };
        (!(9.0..10.0).contains(&hour)).then_some((low, high))
    };
    (0..288).map(column).collect()
}

fn of_day<'a>(layers: &'a [Layer<'a>]) -> Chart<'a> {
    Chart { from: Moment(MIDNIGHT), to: Moment(MIDNIGHT + 24 * HOUR), ..chart(layers) }
}

fn curve(columns: &Columns, hue: Hue, on_right: bool) -> Layer<'_> {
    let span = (Moment(MIDNIGHT), Moment(MIDNIGHT + 24 * HOUR));
    Layer::Curve(Curve { span, columns, gap: 900_000, hue, tinted: hue == Hue::Ink && !on_right, on_right })
}

#[test]
fn a_day_of_power_with_a_gap_and_export() {
    let columns = day();
    let layers = [curve(&columns, Hue::Ink, false)];
    assert_golden("day", &of_day(&layers), (960, 264));
    assert_golden("phone", &Chart { now: Some(2480.0), ..of_day(&layers) }, (328, 224));
}

#[test]
fn two_units_share_a_chart() {
    let (power, volts) = (day(), (0..288).map(|place| level(229.0 + f64::from(place * 7 % 40) / 10.0)));
    let volts: Vec<_> = volts.collect();
    let layers = [curve(&power, Hue::Ink, false), curve(&volts, Hue::Export, true)];
    assert_golden(
        "two-axes",
        &Chart { right: Right::Axis(Axis::measured("V")), ..of_day(&layers) },
        (960, 264),
    );
}

/// A day's amount in kilowatt-hours: three factors stand for three flows.
pub(super) fn amount(day: i64, factor: i64, is_quiet: bool) -> f64 {
    ((day * factor + i64::from(is_quiet) * 5) % 9 + 4) as f64
}

#[test]
fn a_month_of_days_compared_with_the_month_before() {
    let bar = |day: i64, is_quiet: bool| {
        let (from, to) = (Moment(MIDNIGHT + day * 24 * HOUR), Moment(MIDNIGHT + (day + 1) * 24 * HOUR));
        let amount = |factor: i64| amount(day, factor, is_quiet);
        let pieces = vec![
            Piece { value: amount(5), hue: Hue::Import, shade: 0 },
            Piece { value: amount(7) / 2.0, hue: Hue::Import, shade: 1 },
            Piece { value: -amount(4), hue: Hue::Export, shade: 0 },
        ];
        Bar { from, to, pieces, is_vague: day == 11 && !is_quiet, is_quiet }
    };
    let bars: Vec<Bar> = (0..30).flat_map(|day| [bar(day, true), bar(day, false)]).collect();
    let layers = [Layer::Bars(&bars)];
    let month =
        Chart { axis: Axis::counted("kWh"), to: Moment(MIDNIGHT + 30 * 24 * HOUR), ..of_day(&layers) };
    assert_golden("month", &month, (960, 264));
}

/// The energy of an hour of a day, as a share of the highest hour's energy.
pub(super) fn share(day: u32, hour: u32) -> f64 {
    f64::from((hour * 11 + day * 5) % 24) / 23.0
}

#[test]
fn days_by_hours_as_a_map() {
    let cell = |place: i64| {
        let (day, hour) = (place / 24, place % 24);
        let number = |place: i64| u32::try_from(place).unwrap();
        let share = share(number(day), number(hour));
        let low = f64::from(i32::try_from(hour).unwrap());
        let (from, to) = (Moment(MIDNIGHT + day * 24 * HOUR), Moment(MIDNIGHT + (day + 1) * 24 * HOUR));
        Cell { from, to, low, high: low + 1.0, share, hue: Hue::Import }
    };
    let cells: Vec<Cell> = (0..14 * 24).map(cell).collect();
    let layers = [Layer::Cells(&cells)];
    let map = Chart { axis: Axis::HOURS, to: Moment(MIDNIGHT + 14 * 24 * HOUR), ..of_day(&layers) };
    assert_golden("map", &map, (960, 264));
}

#[test]
fn a_load_duration_curve_falls_from_left_to_right() {
    let columns: Vec<_> = (0..500).map(|place| level(6.0 * (-f64::from(place) / 90.0).exp() + 0.2)).collect();
    let layers = [curve(&columns, Hue::Quiet, false)];
    let duration = Chart { axis: Axis::counted("kW"), across: Across::Share, ..of_day(&layers) };
    assert_golden("duration", &duration, (960, 168));
}
