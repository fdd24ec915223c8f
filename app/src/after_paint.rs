//! [`after_paint`]: what may wait until the newest number is seen.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{request_animation_frame, set_timeout};

/// Does something once the browser has painted what has changed until now. A page that nobody sees is not painted: there it
/// is done soon all the same.
pub fn after_paint(act: impl FnOnce() + 'static) {
    let waiting = Rc::new(Cell::new(Some(Box::new(act) as Act)));
    let late = Rc::clone(&waiting);
    // A frame is painted behind its callbacks, and before the next task.
    request_animation_frame(move || set_timeout(move || begin(&waiting), Duration::ZERO));
    set_timeout(move || begin(&late), LATEST);
}

type Act = Box<dyn FnOnce()>;

/// Does it, unless it was done before.
fn begin(waiting: &Cell<Option<Act>>) {
    if let Some(act) = waiting.take() {
        act();
    }
}

/// After so long it is not waited for a frame any more.
const LATEST: Duration = Duration::from_millis(250);
