//! The window's services for the screens: [`PageServices`] implemented on the browser.

use metertap_decoder::time::Zone;
use metertap_readings::view::chart::{Chart, Curve, Layer, Palette};
use plotters::prelude::SVGBackend;
use plotters::style::RGBColor;
use wasm_bindgen_futures::spawn_local;

use super::language;
use crate::browser::{attribute, canvas, full_screen, page, save_picker};
use crate::model::{
    CardParts, Coming, Draw, Drawing, DrawnLayer, PageServices, SavedForm, SavedPicture, Surface,
};
use crate::texts;
use crate::zone;

/// The services of this browser. Those whose code is fetched are passed in.
#[must_use]
pub fn services(draw: Draw, card: CardParts, welcome: fn() -> Coming) -> PageServices {
    PageServices {
        is_hidden: page::is_hidden,
        attribute_of: attribute::of_event,
        highlight: attribute::highlight,
        scroll_to: attribute::scroll_to,
        fill_screen: full_screen::fill,
        fit: canvas::fit,
        observe: |surface, changed| Box::new(canvas::observe(surface, changed)),
        card,
        welcome,
        draw,
        want_texts: || {
            spawn_local(async {
                // The next view that needs them asks again.
                let _ = language::whole().await;
            });
        },
    }
}

/// Draws a chart.
pub fn draw(surface: &Surface, drawing: &Drawing) {
    if let Some(backend) = canvas::backend(surface) {
        // A canvas that cannot be drawn on stays empty; a description in words stands beside it.
        let (palette, pen) = (palette(canvas::colours(surface, COLOURS)), (canvas::ratio(), true));
        drop(with_chart(drawing, palette, pen, |chart| chart.draw(backend)));
    }
}

/// Saves a chart.
pub fn save(SavedPicture { name, form }: SavedPicture) {
    match form {
        SavedForm::Table(text) => {
            save_picker::download_text(&text, "text/csv; charset=utf-8", &format!("{name}.csv"));
        }
        SavedForm::Lines(drawing) => save_lines(&drawing, &name),
        SavedForm::Pixels(drawing) => save_pixels(&drawing, &name),
    }
}

fn save_lines(drawing: &Drawing, name: &str) {
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, SAVED);
    let colours = canvas::page_colours(COLOURS);
    if with_chart(drawing, palette(colours), (1.0, false), |chart| chart.draw(backend)).is_ok() {
        save_picker::download_text(&text, "image/svg+xml", &format!("{name}.svg"));
    }
}

fn save_pixels(drawing: &Drawing, name: &str) {
    let (width, height) = SAVED;
    let Some(surface) = canvas::unseen(width * 2, height * 2) else { return };
    let colours = canvas::page_colours(COLOURS);
    if let Some(backend) = canvas::backend(&surface)
        && with_chart(drawing, palette(colours), (2.0, false), |chart| chart.draw(backend)).is_ok()
    {
        canvas::save(&surface, &format!("{name}.png"));
    }
}

/// Passes the chart of a drawing to `draw`. `ratio` and `is_quick` are those of [`Chart`].
fn with_chart<T>(
    drawing: &Drawing,
    palette: Palette,
    (ratio, is_quick): (f64, bool),
    draw: impl FnOnce(&Chart<'_>) -> T,
) -> T {
    let layers: Vec<Layer<'_>> = drawing.layers.iter().map(layer).collect();
    draw(&Chart {
        from: drawing.from,
        to: drawing.to,
        layers: &layers,
        axis: drawing.axis,
        right: drawing.right,
        across: drawing.across,
        now: drawing.now,
        zone: zone::here().unwrap_or(Zone::UTC),
        months: texts::chart::months(),
        palette,
        font: "system-ui, sans-serif",
        ratio,
        is_quick,
    })
}

fn layer(layer: &DrawnLayer) -> Layer<'_> {
    match layer {
        DrawnLayer::Curve { picture, gap, hue, tinted, on_right } => Layer::Curve(Curve {
            span: (picture.from, picture.to),
            columns: &picture.columns,
            gap: *gap,
            hue: *hue,
            tinted: *tinted,
            on_right: *on_right,
        }),
        DrawnLayer::Bars(bars) => Layer::Bars(bars),
        DrawnLayer::Cells(cells) => Layer::Cells(cells),
    }
}

fn palette(colours: [Option<(u8, u8, u8)>; 9]) -> Palette {
    let colours = colours.map(|colour| colour.map_or(UNKNOWN, |(r, g, b)| RGBColor(r, g, b)));
    let [ground, ink, ink_quiet, line, import, export, gas, water, heat] = colours;
    Palette { ground, ink, ink_quiet, line, import, export, gas, water, heat }
}

/// The names of the colours in the style sheet.
const COLOURS: [&str; 9] =
    ["--surface", "--ink", "--ink-quiet", "--line", "--import", "--export", "--gas", "--water", "--heat"];
/// The size of a saved chart, in CSS pixels.
const SAVED: (u32, u32) = (1200, 480);
/// Used for a colour that the style sheet does not have.
const UNKNOWN: RGBColor = RGBColor(128, 128, 128);
