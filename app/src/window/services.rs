//! The window's services for the screens: [`PageServices`] implemented on the browser.

use metertap_decoder::time::Zone;
use metertap_readings::view::chart::{Chart, Curve, Layer, Palette};
use plotters::prelude::SVGBackend;
use plotters::style::RGBColor;
use wasm_bindgen_futures::spawn_local;

use super::language;
use crate::browser::canvas::Rgb;
use crate::browser::{attribute, canvas, full_screen, page, save_picker};
use crate::model::{
    CardParts, Coming, Draw, Drawing, DrawnLayer, Head, PageServices, SavedForm, SavedPicture, Surface,
};
use crate::texts;
use crate::zone;

/// The services of this browser. The arguments are the services whose code is fetched.
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
pub fn save(SavedPicture { name, head, form }: SavedPicture) {
    match form {
        SavedForm::Table(text) => {
            save_picker::download_text(&text, "text/csv; charset=utf-8", &format!("{name}.csv"));
        }
        SavedForm::Lines(drawing) => save_lines(&drawing, &head, &name),
        SavedForm::Pixels(drawing) => save_pixels(&drawing, &head, &name),
    }
}

fn save_lines(drawing: &Drawing, head: &Head, name: &str) {
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, SAVED);
    let palette = palette(canvas::page_colours(COLOURS));
    if with_chart(drawing, palette, (1.0, false), |chart| chart.draw(backend)).is_ok() {
        let text = below(&text, &line(head, palette), rgb(palette.ground));
        save_picker::download_text(&text, "image/svg+xml", &format!("{name}.svg"));
    }
}

fn save_pixels(drawing: &Drawing, head: &Head, name: &str) {
    let (width, height) = SAVED;
    let Some(surface) = canvas::unseen(width * 2, height * 2) else { return };
    let palette = palette(canvas::page_colours(COLOURS));
    if let Some(backend) = canvas::backend(&surface)
        && with_chart(drawing, palette, (2.0, false), |chart| chart.draw(backend)).is_ok()
    {
        let font = format!("{}px {FONT}", LETTERS * 2);
        let saved =
            canvas::headed(&surface, &line(head, palette), rgb(palette.ground), (HEAD * 2, font.as_str()));
        canvas::save(&saved.unwrap_or(surface), &format!("{name}.png"));
    }
}

/// The line above a chart: its title, and what its colours stand for.
fn line(head: &Head, palette: Palette) -> Vec<(String, Rgb)> {
    let legend = head.legend.iter().map(|(hue, words)| (format!("\u{25a0} {words}"), rgb(palette.of(*hue))));
    std::iter::once((head.title.clone(), rgb(palette.ink))).chain(legend).collect()
}

/// A chart in SVG below a line of words.
fn below(chart: &str, words: &[(String, Rgb)], ground: Rgb) -> String {
    let (width, height) = SAVED;
    let word = |(words, colour): &(String, Rgb)| {
        let words = words.replace('&', "&amp;").replace('<', "&lt;");
        format!("<tspan dx=\"{LETTERS}\" fill=\"{}\">{words}</tspan>", canvas::notation(*colour))
    };
    let words: String = words.iter().map(word).collect();
    format!(
        "<svg width=\"{width}\" height=\"{}\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n\
         <text y=\"{}\" font-family=\"{FONT}\" font-size=\"{LETTERS}\">{words}</text>\n\
         <g transform=\"translate(0 {HEAD})\">\n{chart}</g>\n</svg>\n",
        height + HEAD,
        canvas::notation(ground),
        HEAD / 2 + LETTERS / 3,
    )
}

const fn rgb(RGBColor(red, green, blue): RGBColor) -> Rgb {
    (red, green, blue)
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
        font: FONT,
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

const COLOURS: [&str; 9] =
    ["--surface", "--ink", "--ink-quiet", "--line", "--import", "--export", "--gas", "--water", "--heat"];
const FONT: &str = "system-ui, sans-serif";
/// The height of the line above a saved chart, and of its letters, in CSS pixels.
const HEAD: u32 = 40;
const LETTERS: u32 = 16;
/// The size of a saved chart, in CSS pixels.
const SAVED: (u32, u32) = (1200, 480);
/// Used for a colour that the style sheet does not have.
const UNKNOWN: RGBColor = RGBColor(128, 128, 128);
