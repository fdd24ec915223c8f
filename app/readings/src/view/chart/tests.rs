mod dense;
mod golden;
mod read_back;

use super::curve::one_side;
use super::*;
use plotters::prelude::{RGBColor, SVGBackend};

const PALETTE: Palette = Palette {
    ground: RGBColor(255, 255, 255),
    ink: RGBColor(1, 1, 1),
    ink_quiet: RGBColor(2, 2, 2),
    line: RGBColor(3, 3, 3),
    import: RGBColor(200, 100, 0),
    export: RGBColor(0, 100, 200),
    gas: RGBColor(120, 96, 0),
    water: RGBColor(0, 109, 125),
    heat: RGBColor(168, 50, 50),
};
const IMPORT: &str = "#C86400";
const EXPORT: &str = "#0064C8";
const INK: &str = "#010101";
const LINE: &str = "#030303";

/// 2026-11-21T01:30:00Z.
const FROM: i64 = 1_795_224_600_000;

const MINUTE: (Moment, Moment) = (Moment(FROM), Moment(FROM + 60_000));

/// A minute in six columns, in Oslo's winter time.
fn chart<'a>(layers: &'a [Layer<'a>]) -> Chart<'a> {
    Chart {
        from: Moment(FROM),
        to: Moment(FROM + 60_000),
        layers,
        axis: Axis::POWER,
        right: Right::Nothing,
        across: Across::Time,
        now: None,
        zone: Zone::named("Europe/Oslo").unwrap(),
        months: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        palette: PALETTE,
        font: "system-ui",
        ratio: 1.0,
        is_quick: false,
    }
}

fn power(columns: &Columns) -> [Layer<'_>; 1] {
    [Layer::Curve(Curve { span: MINUTE, columns, gap: 15_000, hue: Hue::Ink, tinted: true, on_right: false })]
}

fn svg(chart: &Chart<'_>, size: (u32, u32)) -> String {
    let mut svg = String::new();
    chart.draw(SVGBackend::with_string(&mut svg, size)).unwrap();
    svg
}

fn drawn(columns: &Columns) -> String {
    svg(&chart(&power(columns)), (800, 300))
}

/// The number of elements of this kind in this colour.
fn count(svg: &str, element: &str, colour: &str) -> usize {
    let opening = format!("<{element} ");
    svg.lines().filter(|line| line.starts_with(&opening) && line.contains(colour)).count()
}

/// The words of the chart, in the order in which they were written.
fn words(svg: &str) -> Vec<&str> {
    let texts = svg.split("<text ").skip(1);
    texts.filter_map(|text| text.split_once(">\n")?.1.lines().next()).collect()
}

fn level(watts: f64) -> Option<(f64, f64)> {
    Some((watts, watts))
}

#[test]
fn an_unbroken_range_is_one_curve_with_one_fill() {
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
    // 20 s apart, with a gap of 15 s: three readings, each by itself.
    assert_eq!(count(&svg, "rect", INK), 3);
    let columns = [level(5.0), None, level(6.0), None, level(5.0), None];
    let patient = [Layer::Curve(Curve {
        span: MINUTE,
        columns: &columns,
        gap: 30_000,
        hue: Hue::Ink,
        tinted: true,
        on_right: false,
    })];
    let svg = self::svg(&chart(&patient), (800, 300));
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
fn import_and_export_have_their_own_fills_that_meet_at_zero() {
    let svg = drawn(&[level(100.0), level(-100.0), level(-300.0), level(100.0), None, None]);
    assert_eq!(count(&svg, "polygon", IMPORT), 2);
    assert_eq!(count(&svg, "polygon", EXPORT), 1);
    let edge = [(0.0, 100.0), (10.0, -100.0), (20.0, -300.0), (30.0, 100.0)];
    assert_eq!(one_side(&edge, 1.0), [vec![(0.0, 100.0), (5.0, 0.0)], vec![(27.5, 0.0), (30.0, 100.0)]]);
    assert_eq!(one_side(&edge, -1.0), [vec![(5.0, 0.0), (10.0, -100.0), (20.0, -300.0), (27.5, 0.0)]]);
    assert_eq!(one_side(&[(0.0, 0.0), (1.0, 0.0)], 1.0), Vec::<Vec<_>>::new());
}

#[test]
fn time_labels_are_round_steps_of_the_local_clock() {
    let svg = drawn(&[None; 6]);
    let words = words(&svg);
    for clock in ["02:30:00", "02:30:10", "02:30:50", "02:31:00"] {
        assert!(words.contains(&clock), "{clock} in {words:?}");
    }
    assert_eq!(words.iter().filter(|word| word.contains(':')).count(), 7);
}

#[test]
fn the_current_value_is_at_the_end_of_the_curve() {
    let columns = [500.0, 600.0, 550.0, 700.0, 650.0, 600.0].map(level);
    let svg = svg(&Chart { now: Some(612.0), ..chart(&power(&columns)) }, (800, 300));
    assert_eq!(words(&svg).last(), Some(&"612\u{a0}W"));
    let exporting = [level(-1.0)];
    let svg = self::svg(&Chart { now: Some(-20_400.0), ..chart(&power(&exporting)) }, (800, 300));
    assert_eq!(words(&svg).last(), Some(&"\u{2212}20.400\u{a0}kW"));
    assert_eq!(count(&svg, "rect", EXPORT), 1);
    assert!(!words(&drawn(&columns)).contains(&"612\u{a0}W"));
}

#[test]
fn a_dense_screen_gets_the_same_chart_with_twice_the_pixels() {
    let columns = [500.0, -600.0, 550.0].map(level);
    let plain = svg(&chart(&power(&columns)), (800, 300));
    let dense = svg(&Chart { ratio: 2.0, ..chart(&power(&columns)) }, (1600, 600));
    assert_eq!(words(&plain), words(&dense));
    assert_eq!(count(&plain, "polygon", IMPORT), count(&dense, "polygon", IMPORT));
    assert!(dense.contains(r#"stroke-width="3""#) && !plain.contains(r#"stroke-width="3""#));
}

#[test]
fn every_size_and_every_span_can_be_drawn() {
    let columns = [level(5.0), level(-5.0)];
    for size in [(1, 1), (100, 20), (360, 120)] {
        svg(&Chart { now: Some(5.0), ratio: 3.0, ..chart(&power(&columns)) }, size);
    }
    for (from, to) in [(5, 5), (6, 5), (i64::MIN, i64::MAX)] {
        svg(&Chart { from: Moment(from), to: Moment(to), ..chart(&power(&columns)) }, (800, 300));
    }
}

/// The edges of all rectangles in this colour: left, top, width, height.
fn rectangles(svg: &str, colour: &str) -> Vec<[i32; 4]> {
    let lines = svg.lines().filter(|line| line.starts_with("<rect ") && line.contains(colour));
    let part = |line: &str, name: &str| {
        let value = line.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        value.parse::<i32>().unwrap()
    };
    lines.map(|line| ["x", "y", "width", "height"].map(|name| part(line, name))).collect()
}

fn bar(from: i64, values: &[(f64, Hue)]) -> Bar {
    let pieces = values.iter().map(|(value, hue)| Piece { value: *value, hue: *hue, shade: 0 }).collect();
    let (from, to) = (Moment(FROM + from * 1000), Moment(FROM + (from + 10) * 1000));
    Bar { from, to, pieces, is_vague: false, is_quiet: false }
}

#[test]
fn bars_rise_from_zero_and_hang_below_it_in_proportion() {
    let bars =
        [bar(0, &[(2.0, Hue::Import), (-1.0, Hue::Export)]), bar(10, &[(1.0, Hue::Import)]), bar(20, &[])];
    let layers = [Layer::Bars(&bars)];
    let svg = svg(&Chart { axis: Axis::counted("kWh"), ..chart(&layers) }, (800, 300));
    let (above, below) = (rectangles(&svg, IMPORT), rectangles(&svg, EXPORT));
    assert_eq!((above.len(), below.len()), (2, 1));
    let [first, second] = above[..] else { panic!() };
    assert_eq!(first[1] + first[3], below[0][1], "they meet on zero");
    assert_eq!((first[1] + first[3], second[1] + second[3]), (below[0][1], below[0][1]));
    assert!((first[3] - 2 * second[3]).abs() <= 1 && (below[0][3] - second[3]).abs() <= 1);
    assert!(first[0] + first[2] <= second[0] && first[0] == below[0][0]);
}

#[test]
fn an_uncertain_bar_is_an_outline_and_a_compared_one_is_beside_it() {
    let vague = Bar { is_vague: true, ..bar(0, &[(2.0, Hue::Gas)]) };
    let past = Bar { is_quiet: true, ..bar(10, &[(2.0, Hue::Gas)]) };
    let bars = [vague, past, bar(10, &[(1.0, Hue::Gas)])];
    let layers = [Layer::Bars(&bars)];
    let svg = svg(&Chart { axis: Axis::counted("m³"), ..chart(&layers) }, (800, 300));
    assert_eq!(count(&svg, "polyline", "#786000"), 1);
    let (gas, quiet) = (rectangles(&svg, "#786000")[1], rectangles(&svg, "#020202")[0]);
    assert!(quiet[0] + quiet[2] <= gas[0] && quiet[3] > gas[3]);
}

#[test]
fn a_comparison_is_a_muted_line_without_fill() {
    let (now, past) = ([500.0, 600.0, 550.0].map(level), [400.0, 300.0, 250.0].map(level));
    let quiet =
        Curve { span: MINUTE, columns: &past, gap: 15_000, hue: Hue::Quiet, tinted: false, on_right: false };
    let [loud] = power(&now);
    let svg = svg(&chart(&[Layer::Curve(quiet), loud]), (800, 300));
    assert_eq!((count(&svg, "polyline", INK), count(&svg, "polygon", IMPORT)), (1, 1));
}

#[test]
fn a_narrow_chart_has_its_value_inside_and_three_time_labels() {
    let columns = [500.0, 600.0].map(level);
    let layers = power(&columns);
    for span in [600_000, 3_600_000, 86_400_000, 31 * 86_400_000] {
        let narrow = Chart { now: Some(612.0), to: Moment(FROM + span), ..chart(&layers) };
        let svg = svg(&narrow, (296, 224));
        let words = words(&svg);
        assert_eq!(words.last(), Some(&"612\u{a0}W"));
        let times =
            words.iter().filter(|word| word.contains(':') || word.contains("Nov") || word.contains("Dec"));
        assert!(times.count() >= 3, "{span}: {words:?}");
    }
}

#[test]
fn a_requested_view_moves_the_known_columns_before_data_arrives() {
    let columns = [500.0, 600.0, 550.0, 700.0, 650.0, 9000.0].map(level);
    let layers = power(&columns);
    // Twenty seconds earlier: a third of the chart without data, then four of the columns.
    let early = Chart { from: Moment(FROM - 20_000), to: Moment(FROM + 40_000), ..chart(&layers) };
    let svg = svg(&early, (800, 300));
    assert_eq!(count(&svg, "polyline", INK), 1);
    assert!(!words(&svg).iter().any(|word| word.contains("kW")), "invisible columns do not affect the scale");
    let late = Chart { from: Moment(FROM + 20_000), to: Moment(FROM + 80_000), ..chart(&layers) };
    let empty = Chart { from: Moment(FROM + 20_000), to: Moment(FROM + 80_000), ..chart(&[]) };
    let (late, empty) = (self::svg(&late, (800, 300)), self::svg(&empty, (800, 300)));
    assert!(count(&late, "polyline", INK) == 1 && count(&empty, "polyline", INK) == 0);
}

#[test]
fn heat_map_cells_touch_and_have_the_stated_opacity() {
    let cell = |from: i64, hour: i32, share: f64| Cell {
        from: Moment(FROM + from * 1000),
        to: Moment(FROM + (from + 30) * 1000),
        low: f64::from(hour),
        high: f64::from(hour + 1),
        share,
        hue: Hue::Import,
    };
    let cells = [cell(0, 0, 0.0), cell(30, 0, 1.0), cell(0, 1, 0.5)];
    let layers = [Layer::Cells(&cells)];
    let svg = svg(&Chart { axis: Axis::HOURS, ..chart(&layers) }, (800, 300));
    let seen = rectangles(&svg, IMPORT);
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0][0] + seen[0][2], seen[1][0]);
    assert_eq!(seen[2][1] + seen[2][3], seen[0][1]);
    assert!(
        svg.contains(r#"opacity="0.06""#)
            && svg.contains(r#"opacity="1""#)
            && svg.contains(r#"opacity="0.53""#)
    );
    assert!(words(&svg).contains(&"24\u{a0}h"));
}

/// Where the words of a chart begin and end, at seven pixels a letter.
fn places(svg: &str, is_one: impl Fn(&str) -> bool) -> Vec<(i32, i32)> {
    let texts = svg.split("<text ").skip(1).filter_map(|text| {
        let (attributes, rest) = text.split_once(">\n")?;
        let word = rest.lines().next().filter(|word| is_one(word))?;
        let x: i32 = attributes
            .split(" x=\"")
            .nth(1)
            .or(attributes.strip_prefix("x=\""))?
            .split('"')
            .next()?
            .parse()
            .ok()?;
        let half = i32::try_from(word.chars().count()).ok()? * 7 / 2;
        Some((x - half, x + half))
    });
    texts.collect()
}

#[test]
fn time_labels_do_not_overlap_or_leave_the_chart() {
    let is_time = |word: &str| !word.contains('W');
    for width in [296, 360, 700, 1100] {
        for days in [1, 2, 3, 7, 14, 28, 29, 30, 31, 45, 61, 92, 366] {
            for begin in 0..40 {
                let from = Moment(FROM + begin * 86_400_000);
                let span = Chart { from, to: Moment(from.0 + days * 86_400_000), ..chart(&[]) };
                let places = places(&svg(&span, (width, 200)), is_time);
                assert!(places.len() >= 2, "{days} days on {width}");
                assert!(
                    places.windows(2).all(|pair| pair[0].1 <= pair[1].0),
                    "{days} days on {width}: {places:?}"
                );
                assert!(places.last().unwrap().1 <= i32::try_from(width).unwrap(), "{days} days on {width}");
            }
        }
    }
}

#[test]
fn on_a_phone_the_current_value_is_above_the_plot() {
    let columns = [100.0, 200.0, 300.0, 400.0, 500.0, 600.0].map(level);
    let svg = svg(&Chart { now: Some(600.0), ..chart(&power(&columns)) }, (296, 224));
    let line = svg.lines().find(|line| line.starts_with("<polyline ") && line.contains(INK)).unwrap();
    let points = line.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let highest: i32 = points
        .split_whitespace()
        .map(|point| point.split_once(',').unwrap().1.parse().unwrap())
        .min()
        .unwrap();
    let text = svg.split("<text ").last().unwrap();
    let y: i32 = text.split("y=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!(y < highest, "{y} is not above {highest}");
}

#[test]
fn two_axes_scale_each_its_own_curves() {
    let (watts, volts) = ([500.0, 1500.0, 900.0].map(level), [229.0, 231.0, 230.0].map(level));
    let [power] = power(&watts);
    let voltage =
        Curve { span: MINUTE, columns: &volts, gap: 30_000, hue: Hue::Water, tinted: false, on_right: true };
    let layers = [power, Layer::Curve(voltage)];
    let both = Chart { right: Right::Axis(Axis::measured("V")), ..chart(&layers) };
    let svg = svg(&both, (800, 300));
    let words = words(&svg);
    for label in ["0\u{a0}W", "1500\u{a0}W", "229.0\u{a0}V", "231.0\u{a0}V"] {
        assert!(words.contains(&label), "{label} in {words:?}");
    }
    assert_eq!((count(&svg, "polyline", INK), count(&svg, "polyline", "#006D7D")), (1, 1));
    // A chart below it leaves the same room.
    let alone = self::svg(&Chart { right: Right::Room, ..chart(&layers[..1]) }, (800, 300));
    let right = |svg: &str| svg.lines().filter(|line| line.contains(LINE)).map(str::to_owned).next_back();
    assert_eq!(right(&alone), right(&svg), "both plots end at the same place");
}

#[test]
fn months_across_years_have_no_year_label() {
    let year = Chart { across: Across::Months, to: Moment(FROM + 366 * 86_400_000), ..chart(&[]) };
    let svg = svg(&year, (800, 300));
    assert!(words(&svg).contains(&"Jan") && !words(&svg).contains(&"2027"));
}

#[test]
fn a_share_of_time_runs_from_0_to_100_percent() {
    let svg = svg(&Chart { across: Across::Share, ..chart(&[]) }, (800, 300));
    let words = words(&svg);
    assert!(words.contains(&"0\u{a0}%") && words.contains(&"100\u{a0}%") && words.contains(&"50\u{a0}%"));
}

#[test]
fn the_unit_stands_above_the_plot_when_labels_with_units_do_not_fit_beside_it() {
    let day = (Moment(FROM), Moment(FROM + 86_400_000));
    let bar = [Bar {
        from: day.0,
        to: day.1,
        pieces: vec![Piece { value: 0.01, hue: Hue::Import, shade: 0 }],
        is_vague: false,
        is_quiet: false,
    }];
    let layers = [Layer::Bars(&bar)];
    let chart = Chart { from: day.0, to: day.1, axis: Axis::counted("kWh"), ..chart(&layers) };
    let (wide, phone) = (svg(&chart, (960, 264)), svg(&chart, (328, 224)));
    // Beside the plot, a wide chart has 56 pixels for a label and a phone has 48. `0.010 kWh` takes 65.
    for svg in [&wide, &phone] {
        let words = words(svg);
        assert!(words.contains(&"0.010") && !words.contains(&"0.010\u{a0}kWh"), "{words:?}");
        assert_eq!(words.iter().filter(|word| **word == "kWh").count(), 1, "{words:?}");
    }
    let power = Chart { axis: Axis::POWER, ..chart };
    assert!(words(&svg(&power, (328, 224))).contains(&"100\u{a0}W"), "a unit that fits stays");
}
