//! The page's clock: every second, ages grow and silence is noticed.
//!
//! A tick changes ages all over the page, and a number that arrives meanwhile waits for the next frame. So ticks avoid
//! the moments at which a reading is likely: most meters send again whole or half seconds after their last telegram.

use std::cell::Cell;
use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;
use metertap_readings::entry::Moment;

use crate::browser::clock;
use crate::model::PageModel;

/// Starts the clock.
pub fn begin(model: PageModel) {
    tick_after(model, SECOND);
}

/// Ticks now, when a reading has arrived, and moves the next ticks away from the likely moments of the next readings.
pub fn put_off(model: PageModel) {
    model.now.set(now());
    tick_after(model, AFTER_READING);
}

/// The computer's clock.
pub fn now() -> Moment {
    Moment(clock::unix_milliseconds())
}

fn tick_after(model: PageModel, pause: Duration) {
    let tick = move || {
        model.now.set(now());
        tick_after(model, SECOND);
    };
    let next = set_timeout_with_handle(tick, pause).ok();
    if let Some(before) = NEXT.replace(next) {
        before.clear();
    }
}

thread_local! {
    static NEXT: Cell<Option<TimeoutHandle>> = const { Cell::new(None) };
}

const SECOND: Duration = Duration::from_secs(1);
/// A quarter of a second off, so that no later tick falls on a whole or half second.
const AFTER_READING: Duration = Duration::from_millis(1_250);
