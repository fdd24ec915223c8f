//! [`PageServices`]: what screens and their parts ask of the page around them, so that they need not know the browser.

use std::any::Any;

use leptos::ev;
use leptos::html::{Canvas, ElementType};
use leptos::prelude::use_context;
use leptos::tachys::renderer::types::Element;

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
    /// Draws the curve of a meter, as soon as the code for that is there.
    pub draw: Draw,
}

/// Draws the curve of a meter.
pub type Draw = fn(&Surface, Drawing);

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The engine's answer.
    pub picture: Picture,
    /// Milliseconds without a reading that are a gap.
    pub gap: u32,
    /// The power of the newest reading, in watts.
    pub now: Option<f64>,
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
            draw: |_, _| (),
        })
    }
}
