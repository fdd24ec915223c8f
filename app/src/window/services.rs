//! What the window does for the screens: [`PageServices`] over the browser.

use metertap_readings::view::chart::{Chart, Palette};
use plotters::style::RGBColor;

use crate::browser::{attribute, canvas, clock, page};
use crate::model::{Drawing, PageServices, Surface};

/// The services of this browser.
#[must_use]
pub fn services() -> PageServices {
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

fn draw(surface: &Surface, drawing: &Drawing<'_>) {
    let colour =
        |role| canvas::colour(surface, role).map_or(RGBColor(128, 128, 128), |(r, g, b)| RGBColor(r, g, b));
    let palette = Palette {
        ground: colour("--surface"),
        ink: colour("--ink"),
        ink_quiet: colour("--ink-quiet"),
        line: colour("--line"),
        import: colour("--import"),
        export: colour("--export"),
    };
    let Drawing { picture, gap, now } = *drawing;
    let chart = Chart {
        from: picture.from,
        to: picture.to,
        columns: &picture.columns,
        gap,
        now,
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
