//! Attributes that distinguish the elements that share one event listener.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, ScrollIntoViewOptions, ScrollLogicalPosition};

/// Returns the attribute's value from the event's target or its nearest ancestor that has the attribute; `None` if none
/// has it.
#[must_use]
pub fn of_event(event: &Event, attribute: &str) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let marked = target.closest(&["[", attribute, "]"].concat()).ok()??;
    marked.get_attribute(attribute)
}

/// Inside `within`, adds a class to the elements whose attribute matches. Removes the class from all others that have
/// the attribute.
pub fn highlight(within: &Element, attribute: &str, class: &str, is_one: &dyn Fn(&str) -> bool) {
    let Ok(all) = within.query_selector_all(&["[", attribute, "]"].concat()) else { return };
    for place in 0..all.length() {
        let Some(element) = all.get(place).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let is_one = element.get_attribute(attribute).is_some_and(|value| is_one(&value));
        // The only error is a class name with white space.
        let _ = element.class_list().toggle_with_force(class, is_one);
    }
}

/// Scrolls the first element inside `within` whose attribute has this value into view, if necessary.
pub fn scroll_to(within: &Element, attribute: &str, value: &str) {
    let selector = ["[", attribute, "='", value, "']"].concat();
    let Ok(Some(element)) = within.query_selector(&selector) else { return };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}
