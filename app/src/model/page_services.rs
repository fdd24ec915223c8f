//! [`PageServices`]: what screens and their parts ask of the page around them, so that they need not know the browser.

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
    /// Fills the screen with an element, or puts the page back where one fills it; only from a click.
    pub fill_screen: fn(&Element),
    /// Gives a canvas as many pixels as the screen has under it, and answers with its width in CSS pixels.
    pub fit: fn(&Surface) -> u32,
    /// Calls back whenever a canvas must be drawn anew, until what it answers with is dropped.
    pub observe: fn(&Surface, changed: Changed) -> Box<dyn Any>,
    /// What a card shows below the power.
    pub card: CardParts,
    /// What the page before its first meter shows below its buttons.
    pub welcome: fn() -> Coming,
    /// Draws a chart, as soon as the code for that is there.
    pub draw: Draw,
}

/// The parts of a meter's card whose code is fetched once the power is painted.
#[derive(Clone, Copy, Debug)]
pub struct CardParts {
    /// The answers at a glance.
    pub tiles: fn(MeterModel) -> Coming,
    /// The peak that is under way, and what is expected.
    pub ahead: fn(MeterModel) -> Coming,
    /// Peaks of months, and predictions, in History.
    pub outlook: fn(MeterModel) -> Coming,
    /// Registers, line quality, recording.
    pub details: fn(MeterModel) -> Coming,
    /// What a French meter says of its contract.
    pub contract: fn(MeterModel) -> Coming,
    /// The forms that help when a meter cannot be read: for its key, for a search on the bus.
    pub help: fn(MeterModel) -> Coming,
}

/// A view that is made once its code is there.
pub type Coming = LocalBoxFuture<'static, Result<AnyView, NotFetched>>;

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
    /// What stands to the right.
    pub right: Right,
    /// What runs from left to right.
    pub across: Across,
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
        /// Whether the axis to the right is its own.
        on_right: bool,
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
        })
    }
}

fn nothing_of(_: MeterModel) -> Coming {
    nothing()
}

fn nothing() -> Coming {
    Box::pin(async { Ok(().into_any()) })
}
