//! Dense curves are rectangles on whole pixels.

use super::*;

/// The rectangles of a colour: left, top, width and height.
fn boxes(svg: &str, colour: &str) -> Vec<[i32; 4]> {
    let number = |line: &str, name: &str| -> i32 {
        let (_, behind) = line.split_once(&format!(" {name}=\"")).unwrap();
        behind.split('"').next().unwrap().parse().unwrap()
    };
    let lines = svg.lines().filter(|line| line.starts_with("<rect ") && line.contains(colour));
    lines.map(|line| ["x", "y", "width", "height"].map(|name| number(line, name))).collect()
}

#[test]
fn each_pixel_of_a_dense_curve_reaches_from_the_lowest_to_the_highest_value() {
    // The plot begins 64 pixels from the left and ends 24 from the right, so it has 712 of 800 pixels. It is 260 high,
    // between 12 above and 28 below.
    let mut columns = vec![level(500.0); 712];
    columns[300] = Some((0.0, 1000.0));
    columns[301] = Some((-1000.0, -1000.0));
    let layers = power(&columns);
    let svg = svg(&Chart { is_quick: true, ..chart(&layers) }, (800, 300));
    // The axis has 2000 W in 260 pixels: 0 W is at 142, 500 W at 77, 1000 W at 12 and −1000 W at 272.
    let ink = boxes(&svg, INK);
    assert_eq!(ink.len(), 712);
    assert_eq!(ink[0], [64, 76, 1, 2]);
    assert_eq!(ink[300], [364, 11, 1, 132]);
    // The curve goes on from the lowest value of the column before, 0 W.
    assert_eq!(ink[301], [365, 141, 1, 132]);
    // It also comes back to 500 W without a gap.
    assert_eq!(ink[302], [366, 76, 1, 197]);
    let (import, export) = (boxes(&svg, IMPORT), boxes(&svg, EXPORT));
    assert_eq!((import.len(), export.len()), (711, 1));
    assert_eq!((import[300], export[0]), ([364, 12, 1, 130], [365, 142, 1, 130]));
    assert_eq!(count(&svg, "polyline", INK) + count(&svg, "polygon", IMPORT), 0);
}

#[test]
fn columns_that_share_a_pixel_are_one_rectangle() {
    // Four columns in each of the 712 pixels.
    let columns: Vec<_> = (0..2848).map(|place| level(if place % 2 == 0 { 0.0 } else { 1000.0 })).collect();
    let layers = power(&columns);
    let ink = boxes(&svg(&Chart { is_quick: true, ..chart(&layers) }, (800, 300)), INK);
    let whole: Vec<_> = (64..776).map(|left| [left, 11, 1, 262]).collect();
    assert_eq!(ink, whole);
}

#[test]
fn wide_columns_and_files_have_lines() {
    let columns: Vec<_> = (0..712).map(|place| level(f64::from(place))).collect();
    let layers = power(&columns);
    let file = svg(&chart(&layers), (800, 300));
    assert_eq!((count(&file, "rect", INK), count(&file, "polyline", INK)), (0, 1));
    let layers = power(&columns[..60]);
    let wide = svg(&Chart { is_quick: true, ..chart(&layers) }, (800, 300));
    assert_eq!(count(&wide, "rect", INK), 0);
    assert!(count(&wide, "polyline", INK) > 0);
}
