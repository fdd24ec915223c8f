//! Reads the golden charts as a user does: the labels of the axes say what a pixel means, and no code that drew the
//! chart is used. So these tests show that a golden file is right, not only that it has not changed.

use super::golden::{amount, day, share};

/// Points from left to right, or around an area.
type Points = Vec<(f64, f64)>;

#[derive(Debug, Default)]
struct Read {
    /// Each text with its position, and whether the text ends at that position.
    texts: Vec<(f64, f64, bool, String)>,
    /// Each line with its colour and its width.
    lines: Vec<(String, f64, Points)>,
    areas: Vec<(String, Points)>,
    boxes: Vec<Rect>,
}

#[derive(Debug)]
struct Rect {
    left: f64,
    top: f64,
    wide: f64,
    high: f64,
    opacity: f64,
    colour: String,
}

impl Read {
    fn of(svg: &str) -> Self {
        let (mut read, mut lines) = (Self::default(), svg.lines());
        while let Some(line) = lines.next() {
            let text = |name: &str| {
                let (_, behind) = line.split_once(&format!(" {name}=\"")).unwrap_or(("", ""));
                behind.split('"').next().unwrap_or_default().to_owned()
            };
            let number =
                |name: &str| text(name).parse::<f64>().unwrap_or_else(|_| panic!("{name} of {line}"));
            let points = || {
                let pair = |point: &str| {
                    let (x, y) = point.split_once(',').unwrap();
                    (x.parse().unwrap(), y.parse().unwrap())
                };
                text("points").split_whitespace().map(pair).collect::<Vec<(f64, f64)>>()
            };
            match line.split(' ').next().unwrap_or_default() {
                "<text" => {
                    let words = lines.next().unwrap_or_default().to_owned();
                    read.texts.push((number("x"), number("y"), text("text-anchor") == "end", words));
                }
                "<polyline" => read.lines.push((text("stroke"), number("stroke-width"), points())),
                "<polygon" => read.areas.push((text("fill"), points())),
                "<rect" => read.boxes.push(Rect {
                    left: number("x"),
                    top: number("y"),
                    wide: number("width"),
                    high: number("height"),
                    opacity: number("opacity"),
                    colour: text("fill"),
                }),
                _ => {}
            }
        }
        // The background.
        read.boxes.remove(0);
        read
    }

    /// The axis on the left.
    fn values(&self) -> Ruler {
        let labels = self.texts.iter().filter(|(x, _, ends, _)| *ends && *x < 64.0);
        Ruler::of(labels.filter_map(|(_, y, _, words)| Some((*y, number(words)?))))
    }

    /// The axis below, from the labels that `meaning` understands.
    fn across(&self, meaning: impl Fn(&str) -> Option<f64>) -> Ruler {
        let lowest = self.texts.iter().map(|(_, y, ..)| *y).fold(0.0, f64::max);
        let labels = self.texts.iter().filter(|(_, y, ..)| same(*y, lowest));
        Ruler::of(labels.filter_map(|(x, _, _, words)| Some((*x, meaning(words)?))))
    }

    /// The points of the thick lines in a colour.
    fn points(&self, colour: &str) -> Vec<(f64, f64)> {
        let of_colour = self.lines.iter().filter(|(of, width, _)| of == colour && *width > 1.5);
        of_colour.flat_map(|(.., points)| points.iter().copied()).collect()
    }
}

/// The meaning of pixels, from the first and the last label of an axis.
struct Ruler {
    one: (f64, f64),
    other: (f64, f64),
}

impl Ruler {
    /// Labels are pixels with their values. Those between the first and the last must agree.
    fn of(labels: impl Iterator<Item = (f64, f64)>) -> Self {
        let labels: Vec<_> = labels.collect();
        let ruler = Self { one: labels[0], other: *labels.last().unwrap() };
        for (pixel, value) in &labels {
            assert!((ruler.pixel(*value) - pixel).abs() <= 1.0, "{labels:?}");
        }
        ruler
    }

    fn pixel(&self, value: f64) -> f64 {
        let share = (value - self.one.1) / (self.other.1 - self.one.1);
        self.one.0 + share * (self.other.0 - self.one.0)
    }

    fn value(&self, pixel: f64) -> f64 {
        let share = (pixel - self.one.0) / (self.other.0 - self.one.0);
        self.one.1 + share * (self.other.1 - self.one.1)
    }
}

/// The number at the beginning of a label.
fn number(words: &str) -> Option<f64> {
    words.replace('\u{2212}', "-").split([' ', '\u{a0}']).next()?.parse().ok()
}

/// The hour of a label such as `14:00`.
fn hour(words: &str) -> Option<f64> {
    words.strip_suffix(":00")?.parse().ok()
}

/// The days since 21 November of a label such as `2 Dec`.
fn days(words: &str) -> Option<f64> {
    let (day, month) = words.split_once([' ', '\u{a0}'])?;
    let before = if month == "Dec" { 30.0 } else { 0.0 };
    Some(day.parse::<f64>().ok()? - 21.0 + before)
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1.0
}

/// The highest and the lowest point of a curve at a pixel.
fn at(points: &[(f64, f64)], x: f64) -> Option<(f64, f64)> {
    let near = points.iter().filter(|(px, _)| same(*px, x)).map(|(_, y)| (*y, *y));
    near.reduce(|(top, bottom), (high, low)| (top.min(high), bottom.max(low)))
}

#[test]
fn every_five_minutes_of_a_day_are_where_the_axes_say() {
    for (svg, is_wide) in [
        (include_str!("day.svg"), true),
        (include_str!("two-axes.svg"), true),
        (include_str!("phone.svg"), false),
    ] {
        let read = Read::of(svg);
        let (values, hours, points) = (read.values(), read.across(hour), read.points("#1A1D20"));
        for (column, place) in day().iter().zip(0_u32..) {
            let seen = at(&points, hours.pixel((f64::from(place) + 0.5) / 12.0));
            match (column, seen) {
                (Some((low, high)), Some((top, bottom))) => {
                    let (highest, lowest) = (values.pixel(*high), values.pixel(*low));
                    // On a phone several columns share a pixel: none of their peaks is lost.
                    assert!(top <= highest + 1.0 && bottom >= lowest - 1.0, "{place} in {top}..{bottom}");
                    assert!(
                        !is_wide || same(top, highest) && same(bottom, lowest),
                        "{place}: {top}..{bottom}"
                    );
                }
                (None, Some(_)) if is_wide => panic!("{place}: nothing was received"),
                (Some(_), None) => panic!("{place} is not drawn"),
                _ => {}
            }
        }
        // The hatched hour is the one in which nothing was received.
        let is_slanted = |line: &&[(f64, f64)]| line[0].0 < line[1].0 && line[0].1 > line[1].1;
        let thin =
            read.lines.iter().filter(|(_, width, _)| *width < 1.5).map(|(.., points)| points.as_slice());
        let hatching: Vec<&[(f64, f64)]> = thin.filter(is_slanted).collect();
        assert!(hatching.len() > 10, "{}", hatching.len());
        let edges = (hours.pixel(9.0) - 3.0, hours.pixel(10.0) + 3.0);
        assert!(hatching.iter().all(|line| edges.0 <= line[0].0 && line[1].0 <= edges.1), "{hatching:?}");
        // Import is tinted above zero, export below.
        let zero = values.pixel(0.0);
        for (colour, area) in &read.areas {
            let is_import = colour == "#B34A00";
            assert!(is_import || colour == "#1A5FB4", "{colour}");
            assert!(area.iter().all(|(_, y)| if is_import { *y <= zero + 1.0 } else { *y >= zero - 1.0 }));
        }
    }
}

#[test]
fn a_second_unit_follows_the_axis_on_the_right() {
    let read = Read::of(include_str!("two-axes.svg"));
    let labels = read.texts.iter().filter(|(.., words)| words.ends_with('V'));
    let volts = Ruler::of(labels.filter_map(|(_, y, _, words)| Some((*y, number(words)?))));
    let (hours, points) = (read.across(hour), read.points("#1A5FB4"));
    for place in 0_u32..288 {
        let voltage = 229.0 + f64::from(place * 7 % 40) / 10.0;
        let (top, bottom) = at(&points, hours.pixel((f64::from(place) + 0.5) / 12.0)).unwrap();
        assert!(same(top, volts.pixel(voltage)) && same(bottom, volts.pixel(voltage)), "{place}: {top}");
    }
}

#[test]
fn bars_reach_as_far_as_the_axis_says_and_stand_in_their_day() {
    let read = Read::of(include_str!("month.svg"));
    let (values, days) = (read.values(), read.across(days));
    let mut bars = 0;
    for (day, is_quiet) in (0..30).flat_map(|day| [(day, false), (day, true)]) {
        let is_of = |bar: &&Rect| {
            let middle = days.value(bar.left + bar.wide / 2.0);
            (f64::from(day)..f64::from(day + 1)).contains(&middle) && (bar.colour == "#565C62") == is_quiet
        };
        let pieces: Vec<&Rect> = read.boxes.iter().filter(is_of).collect();
        bars += pieces.len();
        let one = |which: usize| amount(i64::from(day), [5, 7, 4][which], is_quiet);
        let (first, second, out) = (one(0), one(1) / 2.0, -one(2));
        for (from, to) in [(0.0, first), (first, first + second), (out, 0.0)] {
            let (bottom, top) = (values.pixel(from), values.pixel(to));
            let fits = |piece: &&&Rect| same(piece.top, top) && same(piece.top + piece.high, bottom);
            assert_eq!(pieces.iter().filter(fits).count(), 1, "{from} to {to} of {day}: {pieces:?}");
        }
        // A bar is pale if it is unknown when its energy was counted.
        let is_pale = |piece: &&Rect| piece.opacity < 0.3;
        assert_eq!(pieces.into_iter().all(|piece| is_pale(&piece)), day == 11 && !is_quiet, "{day}");
    }
    assert_eq!(bars, read.boxes.len(), "there are no others");
}

#[test]
fn each_heat_map_cell_is_an_hour_and_its_opacity_the_energy() {
    let read = Read::of(include_str!("map.svg"));
    let (hours, days) = (read.values(), read.across(days));
    let mut cells: Vec<(u32, u32, f64)> = Vec::new();
    for (day, hour) in (0..14_u32).flat_map(|day| (0..24_u32).map(move |hour| (day, hour))) {
        let edge = |ruler: &Ruler, place: u32| ruler.pixel(f64::from(place));
        let is_it = |cell: &&Rect| {
            same(cell.left, edge(&days, day))
                && same(cell.left + cell.wide, edge(&days, day + 1))
                && same(cell.top + cell.high, edge(&hours, hour))
                && same(cell.top, edge(&hours, hour + 1))
        };
        let found: Vec<&Rect> = read.boxes.iter().filter(is_it).collect();
        assert_eq!(found.len(), 1, "hour {hour} of day {day}");
        cells.push((day, hour, found[0].opacity));
    }
    assert_eq!(cells.len(), read.boxes.len());
    cells.sort_by(|one, other| share(one.0, one.1).total_cmp(&share(other.0, other.1)));
    assert!(cells.is_sorted_by(|one, other| one.2 <= other.2 + 1e-9));
}

#[test]
fn a_load_duration_curve_is_read_by_percent_and_kilowatts() {
    let read = Read::of(include_str!("duration.svg"));
    let (values, shares) = (read.values(), read.across(number));
    let points = read.points("#565C62");
    assert!(points.len() > 400);
    for (x, y) in points {
        let power = 6.0 * (-(shares.value(x) * 5.0 - 0.5) / 90.0).exp() + 0.2;
        assert!(same(y, values.pixel(power)), "{power} kW at {x},{y}");
    }
}
