//! A canvas for plotters, as sharp as the screen and in the colours of the style sheet.

use std::rc::Rc;

use gloo::events::EventListener;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ResizeObserver};

use super::save_picker;
use super::screen::Screen;

/// What plotters draws on.
pub type Surface = HtmlCanvasElement;

/// Device pixels per CSS pixel.
#[must_use]
pub fn ratio() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio())
}

/// Sets the canvas's resolution to the pixels that it covers on the screen, and returns its width in CSS pixels.
///
/// Resizing clears a canvas, so a canvas that already fits is left alone.
pub fn fit(canvas: &Surface) -> u32 {
    let (width, height) = (canvas.client_width(), canvas.client_height());
    let pixels = |length: i32| (f64::from(length) * ratio()).round() as u32;
    if canvas.width() != pixels(width) {
        canvas.set_width(pixels(width));
    }
    if canvas.height() != pixels(height) {
        canvas.set_height(pixels(height));
    }
    width.unsigned_abs()
}

/// Clears the canvas and returns it as a plotters backend; `None` if it has no 2D context.
#[must_use]
pub fn backend(canvas: &Surface) -> Option<Screen> {
    let context = context(canvas)?;
    context.clear_rect(0.0, 0.0, canvas.width().into(), canvas.height().into());
    Some(Screen::new(CanvasBackend::with_canvas_object(canvas.clone())?, context))
}

/// The red, green and blue values of style sheet colours such as `--import`, as they currently apply to the canvas.
#[must_use]
pub fn colours<const COUNT: usize>(
    canvas: &Surface,
    properties: [&str; COUNT],
) -> [Option<(u8, u8, u8)>; COUNT] {
    // Requested once, because the browser may have to compute all styles of the page for it.
    let style = web_sys::window().and_then(|window| window.get_computed_style(canvas).ok()?);
    let (Some(style), Some(context)) = (style, context(canvas)) else { return [None; COUNT] };
    properties.map(|property| {
        let value = style.get_property_value(property).ok()?;
        // The context converts every opaque colour, system colours included, to #rrggbb.
        context.set_fill_style_str(value.trim());
        let resolved = context.fill_style().as_string()?;
        let part = |at: usize| u8::from_str_radix(resolved.get(at..at + 2)?, 16).ok();
        resolved.starts_with('#').then(|| Some((part(1)?, part(3)?, part(5)?)))?
    })
}

/// Like [`colours`], with the values as they currently apply to the page.
#[must_use]
pub fn page_colours<const COUNT: usize>(properties: [&str; COUNT]) -> [Option<(u8, u8, u8)>; COUNT] {
    unseen(1, 1).map_or([None; COUNT], |canvas| {
        let body =
            web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
        // An element outside the page has no style of its own.
        let Some(body) = body.filter(|body| body.append_child(&canvas).is_ok()) else { return [None; COUNT] };
        let colours = colours(&canvas, properties);
        drop(body.remove_child(&canvas));
        colours
    })
}

/// Creates an invisible canvas of this size in pixels.
#[must_use]
pub fn unseen(width: u32, height: u32) -> Option<Surface> {
    let document = web_sys::window()?.document()?;
    let canvas: Surface = document.create_element("canvas").ok()?.unchecked_into();
    canvas.set_width(width);
    canvas.set_height(height);
    Some(canvas)
}

/// Creates an invisible canvas with the chart below a line of texts, each in its own colour. The line has this height
/// in pixels and this CSS font.
#[must_use]
pub fn headed(
    chart: &Surface,
    words: &[(String, Rgb)],
    ground: Rgb,
    (height, font): (u32, &str),
) -> Option<Surface> {
    let canvas = unseen(chart.width(), chart.height() + height)?;
    let context = context(&canvas)?;
    context.set_fill_style_str(&notation(ground));
    context.fill_rect(0.0, 0.0, canvas.width().into(), canvas.height().into());
    context.draw_image_with_html_canvas_element(chart, 0.0, height.into()).ok()?;
    context.set_font(font);
    context.set_text_baseline("middle");
    // The first text, a title, has half of the line; the others share the rest.
    let (apart, half) = (f64::from(height) / 2.0, f64::from(canvas.width()) / 2.0);
    let others = half / words.len().saturating_sub(1).max(1) as f64;
    for (place, (words, colour)) in words.iter().enumerate() {
        let (left, room) =
            if place == 0 { (apart, half) } else { (half + others * (place - 1) as f64, others) };
        context.set_fill_style_str(&notation(*colour));
        context.fill_text_with_max_width(words, left, apart, room - apart).ok()?;
    }
    Some(canvas)
}

/// The colour in CSS notation.
#[must_use]
pub fn notation((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Red, green and blue.
pub type Rgb = (u8, u8, u8);

/// Saves the canvas as a PNG under this name.
pub fn save(canvas: &Surface, file_name: &str) {
    let file_name = file_name.to_owned();
    let save = Closure::once_into_js(move |blob: JsValue| save_picker::download(&blob, &file_name));
    // If the browser makes no blob, nothing is saved.
    drop(canvas.to_blob(save.unchecked_ref()));
}

/// An observed canvas. Dropping this ends the observation.
#[derive(Debug)]
pub struct Observation {
    observer: Option<ResizeObserver>,
    _resized: Closure<dyn FnMut()>,
    _schemes: Vec<EventListener>,
}

/// Calls `changed` whenever the canvas must be redrawn: when its size or the colours around it change.
pub fn observe(canvas: &Surface, changed: Box<dyn Fn()>) -> Observation {
    let changed: Rc<dyn Fn()> = changed.into();
    let called = Rc::clone(&changed);
    let resized = Closure::<dyn FnMut()>::new(move || called());
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(canvas);
    }
    let schemes = SCHEMES
        .iter()
        .filter_map(|query| web_sys::window()?.match_media(query).ok()?)
        .map(|scheme| {
            let changed = Rc::clone(&changed);
            EventListener::new(&scheme, "change", move |_| changed())
        })
        .collect();
    Observation { observer, _resized: resized, _schemes: schemes }
}

impl Drop for Observation {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

fn context(canvas: &Surface) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// The user's system settings that change the style sheet's colours.
const SCHEMES: &[&str] =
    &["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"];
