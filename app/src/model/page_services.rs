//! [`PageServices`]: what screens and their parts ask of the page around them, so that they need not know the browser.

use std::any::Any;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use leptos::ev;
use leptos::html::{Canvas, ElementType};
use leptos::prelude::{AnyView, use_context};
use leptos::tachys::renderer::types::Element;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use metertap_readings::view::chart::{Axis, Bar, Cell, Hue};

use super::picture::Picture;

/// What is drawn on.
pub type Surface = <Canvas as ElementType>::Output;

/// Whether an attribute's value is one that is meant.
pub type IsOne<'a> = &'a dyn Fn(&str) -> bool;

/// Called when a canvas must be drawn anew.
pub type Changed = Box<dyn Fn()>;

/// What the page around the screens does for them. The window puts it into context.
#[derive(Clone, Copy)]
pub struct PageServices {
    /// Whether nobody sees the page.
    pub is_hidden: fn() -> bool,
    /// The attribute of the innermost element around what the event is about; none where no element has it.
    pub attribute_of: fn(&ev::Event, attribute: &str) -> Option<String>,
    /// Gives a class to the elements within that have such an attribute, if its value is one of those, and takes it from
    /// the others.
    pub highlight: fn(within: &Element, attribute: &str, class: &str, is_one: IsOne<'_>),
    /// Brings the first element within that has this attribute with this value into view, if it is not.
    pub scroll_to: fn(within: &Element, attribute: &str, value: &str),
    /// Gives a canvas as many pixels as the screen has under it, and answers with its width in CSS pixels.
    pub fit: fn(&Surface) -> u32,
    /// Calls back whenever a canvas must be drawn anew, until what it answers with is dropped.
    pub observe: fn(&Surface, changed: Changed) -> Box<dyn Any>,
    /// The answers at a glance of a meter, as soon as the code for that is there; nothing where it was not fetched.
    pub tiles: FetchTiles,
    /// Draws a chart, as soon as the code for that is there.
    pub draw: Draw,
}

/// Fetches the answers at a glance of a meter.
pub type FetchTiles = fn(MeterKey) -> LocalBoxFuture<'static, Option<AnyView>>;

/// Draws a chart.
pub type Draw = fn(&Surface, Drawing);

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The moment at the left edge.
    pub from: Moment,
    /// The moment at the right edge.
    pub to: Moment,
    /// Curves and bars, the first one at the bottom.
    pub layers: Vec<DrawnLayer>,
    /// What the axis of values is of.
    pub axis: Axis,
    /// The value of the newest reading, at the end of the last curve.
    pub now: Option<f64>,
}

/// A curve or bars that are drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawnLayer {
    /// A curve.
    Curve {
        /// The engine's answer.
        picture: Picture,
        /// Milliseconds without a reading that are a gap.
        gap: u32,
        /// Its colour.
        hue: Hue,
        /// Whether it is tinted and its gaps are hatched.
        tinted: bool,
    },
    /// Bars.
    Bars(Arc<[Bar]>),
    /// A map of cells.
    Cells(Arc<[Cell]>),
}

impl PageServices {
    /// Those that the window offers; ones that do nothing, where nobody has.
    #[must_use]
    pub fn of_context() -> Self {
        use_context().unwrap_or(Self {
            is_hidden: || false,
            attribute_of: |_, _| None,
            highlight: |_, _, _, _| (),
            scroll_to: |_, _, _| (),
            fit: |_| 0,
            observe: |_, _| Box::new(()),
            tiles: |_| Box::pin(async { None }),
            draw: |_, _| (),
        })
    }
}
