//! The page's clock: each second, ages grow and silence is noticed.
//!
//! A tick changes ages all over the page, and a browser paints one frame in 17 ms at most. So that no number waits for the
//! frame of a tick, ticks keep away from the moments at which the next reading is likely: most meters speak again whole or
//! half seconds after their last word.

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

/// A reading has come: the clock ticks now, and not when the next one is likely. It may have been set back meanwhile.
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
/// No multiple of half a second, and neither is what comes a second later.
const AFTER_READING: Duration = Duration::from_millis(1_250);
