//! [`PageServices`]: what screens and their parts need from the page, so that they need not know the browser.

use std::any::Any;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use leptos::ev;
use leptos::html::{Canvas, ElementType};
use leptos::prelude::{AnyView, IntoAny, use_context};
use leptos::tachys::renderer::types::Element;
use metertap_readings::entry::Moment;
use metertap_readings::view::chart::{Across, Axis, Bar, Cell, Hue, Right};

use super::meter::MeterModel;
use super::picture::Picture;
use crate::fetching::NotFetched;

/// What charts are drawn on.
pub type Surface = <Canvas as ElementType>::Output;

/// Whether an attribute's value matches.
pub type IsOne<'a> = &'a dyn Fn(&str) -> bool;

/// Called when a canvas must be redrawn.
pub type Changed = Box<dyn Fn()>;

/// What the page does for the screens. The window puts it into context.
#[derive(Clone, Copy)]
pub struct PageServices {
    /// Whether the page is hidden.
    pub is_hidden: fn() -> bool,
    /// Returns the attribute's value from the event's target or its nearest ancestor that has the attribute; `None` if
    /// none has it.
    pub attribute_of: fn(&ev::Event, attribute: &str) -> Option<String>,
    /// Inside `within`, adds a class to the elements whose attribute matches. Removes the class from all others that
    /// have the attribute.
    pub highlight: fn(within: &Element, attribute: &str, class: &str, is_one: IsOne<'_>),
    /// Scrolls the first element inside `within` whose attribute has this value into view, if necessary.
    pub scroll_to: fn(within: &Element, attribute: &str, value: &str),
    /// Shows an element in full screen, or ends full screen; only from a click.
    pub fill_screen: fn(&Element),
    /// Sets a canvas's resolution to the pixels that it covers on the screen, and returns its width in CSS pixels.
    pub fit: fn(&Surface) -> u32,
    /// Calls back whenever a canvas must be redrawn, until the returned value is dropped.
    pub observe: fn(&Surface, changed: Changed) -> Box<dyn Any>,
    /// The fetched parts of a meter's card and of its history.
    pub card: CardParts,
    /// What the welcome page shows below its buttons.
    pub welcome: fn() -> Coming,
    /// Draws a chart once its code is there.
    pub draw: Draw,
    /// Fetches the texts that a first visit starts without.
    pub want_texts: fn(),
}

/// The parts of a meter's card and of its history whose code is fetched.
#[derive(Clone, Copy, Debug)]
pub struct CardParts {
    /// The tiles with answers at a glance.
    pub tiles: fn(MeterModel) -> Coming,
    /// The peak in progress, and what is expected.
    pub ahead: fn(MeterModel) -> Coming,
    /// The peaks of months, and predictions, in History.
    pub outlook: fn(MeterModel) -> Coming,
    /// Registers, line quality, recording.
    pub details: fn(MeterModel) -> Coming,
    /// What a French meter sends about its contract.
    pub contract: fn(MeterModel) -> Coming,
    /// The forms for a meter that is not read yet: for its key, for a search on the bus, and for its model. Also the
    /// progress of its load profile.
    pub help: fn(MeterModel) -> Coming,
}

/// A view that is created once its code is there.
pub type Coming = LocalBoxFuture<'static, Result<AnyView, NotFetched>>;

/// Draws a chart.
pub type Draw = fn(&Surface, Drawing);

/// What to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// The moment at the left edge.
    pub from: Moment,
    /// The moment at the right edge.
    pub to: Moment,
    /// Curves and bars, from the bottom layer to the top one.
    pub layers: Vec<DrawnLayer>,
    /// The axis of values.
    pub axis: Axis,
    /// What stands to the right of the plot.
    pub right: Right,
    /// What the horizontal axis shows.
    pub across: Across,
    /// The value of the newest reading, at the end of the last curve.
    pub now: Option<f64>,
}

/// A curve, bars or cells to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawnLayer {
    /// A curve.
    Curve {
        /// The engine's answer.
        picture: Picture,
        /// Milliseconds without a reading that count as a gap.
        gap: u32,
        /// Its colour.
        hue: Hue,
        /// Whether it is tinted and its gaps are hatched.
        tinted: bool,
        /// Whether it belongs to the axis on the right.
        on_right: bool,
    },
    /// Bars.
    Bars(Arc<[Bar]>),
    /// A map of cells.
    Cells(Arc<[Cell]>),
}

impl PageServices {
    /// The services that the window offers. Without a window, services that do nothing.
    #[must_use]
    pub fn of_context() -> Self {
        use_context().unwrap_or(Self {
            is_hidden: || false,
            attribute_of: |_, _| None,
            highlight: |_, _, _, _| (),
            scroll_to: |_, _, _| (),
            fill_screen: |_| (),
            fit: |_| 0,
            observe: |_, _| Box::new(()),
            card: CardParts {
                tiles: nothing_of,
                ahead: nothing_of,
                outlook: nothing_of,
                details: nothing_of,
                contract: nothing_of,
                help: nothing_of,
            },
            welcome: nothing,
            draw: |_, _| (),
            want_texts: || (),
        })
    }
}

fn nothing_of(_: MeterModel) -> Coming {
    nothing()
}

fn nothing() -> Coming {
    Box::pin(async { Ok(().into_any()) })
}
