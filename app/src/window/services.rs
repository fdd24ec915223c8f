//! What the window does for the screens: [`PageServices`] over the browser.

use metertap_readings::view::chart::{Chart, Palette};
use plotters::style::RGBColor;

use crate::browser::{attribute, canvas, clock, page};
use crate::model::{Draw, Drawing, PageServices, Surface};

/// The services of this browser. What draws is fetched, so it is told who does.
#[must_use]
pub fn services(draw: Draw) -> PageServices {
    PageServices {
        is_hidden: page::is_hidden,
        attribute_of: attribute::of_event,
        highlight: attribute::highlight,
        scroll_to: attribute::scroll_to,
        fit: canvas::fit,
        observe: |surface, changed| Box::new(canvas::observe(surface, changed)),
        draw,
    }
}

/// Draws the curve of a meter.
pub fn draw(surface: &Surface, Drawing { picture, gap, now }: &Drawing) {
    let names = ["--surface", "--ink", "--ink-quiet", "--line", "--import", "--export"];
    let colours = canvas::colours(surface, names);
    let colours = colours.map(|colour| colour.map_or(UNKNOWN, |(r, g, b)| RGBColor(r, g, b)));
    let [ground, ink, ink_quiet, line, import, export] = colours;
    let palette = Palette { ground, ink, ink_quiet, line, import, export };
    let chart = Chart {
        from: picture.from,
        to: picture.to,
        columns: &picture.columns,
        gap: *gap,
        now: *now,
        offset_minutes: clock::local_time(picture.to.0).offset_minutes,
        palette,
        font: "system-ui, sans-serif",
        ratio: canvas::ratio(),
    };
    if let Some(backend) = canvas::backend(surface) {
        // A canvas that cannot be drawn on stays empty; its words stand beside it.
        drop(chart.draw(backend));
    }
}

/// Where the style sheet has no such colour.
const UNKNOWN: RGBColor = RGBColor(128, 128, 128);
