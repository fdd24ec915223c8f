//! [`hear`]: handles an event of the engine, on the screen and in the browser.

use metertap_readings::fault::Code;

use super::{evicted, installation, ticks};
use crate::after_paint::after_paint;
use crate::browser::page;
use crate::model::{Effect, PageModel, apply, tell};
use crate::protocol::Event;

/// Shows an event of the engine, and does what it requires of the browser.
pub fn hear(model: PageModel, event: Event) {
    // The engine sends the restored meters before the notice that the browser has cleared the storage.
    if matches!(&event, Event::Notice { trouble, .. } if trouble.code == Code::StoreCleared) {
        evicted::look_again(model);
    }
    match apply(model, event) {
        Effect::None => {}
        Effect::Meters => evicted::look(model),
        Effect::Reading(meter) => {
            return after_paint(move || {
                // Ages change together with the values that they belong to.
                ticks::put_off(model);
                tell(&meter);
                installation::keep_all();
                installation::keep_what_has_grown(model);
            });
        }
        Effect::Ready { watching } => {
            evicted::look(model);
            page::mark_body("data-engine", "ready");
            page::mark_body("data-tab", if watching { "watches" } else { "writes" });
        }
    }
    installation::keep_what_has_grown(model);
}
