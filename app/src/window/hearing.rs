//! [`hear`]: what an event of the engine changes, on the screen and around it.

use metertap_readings::fault::Code;

use super::{evicted, installation, ticks};
use crate::after_paint::after_paint;
use crate::browser::page;
use crate::model::{Effect, PageModel, apply, tell};
use crate::protocol::Event;

/// Shows what the engine said, and does what that asks of the browser.
pub fn hear(model: PageModel, event: Event) {
    // What was cleared is told before that it was.
    if matches!(&event, Event::Notice { trouble, .. } if trouble.code == Code::StoreCleared) {
        evicted::look_again(model);
    }
    match apply(model, event) {
        Effect::None => {}
        Effect::Meters => evicted::look(model),
        Effect::Reading(meter) => {
            return after_paint(move || {
                // Ages are told with what they are of.
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
