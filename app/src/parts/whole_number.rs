//! [`whole_number`]: reads a whole number from a field.

use leptos::html::Input;
use leptos::prelude::*;

/// The whole number in a field of the type `number`, as the browser understands what was typed: `1e3` is a thousand.
/// `None` if the field holds no whole number.
#[must_use]
pub fn whole_number(field: NodeRef<Input>) -> Option<u32> {
    // NaN if the field is empty.
    let number = field.get()?.value_as_number();
    let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    is_whole.then_some(number as u32)
}
