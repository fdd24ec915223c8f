//! [`after_paint`]: defers work until the newest number is on the screen.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{request_animation_frame, set_timeout};

/// Runs `act` once the browser has painted everything that has changed so far. A hidden page is not painted, so `act`
/// then runs after a quarter of a second.
pub fn after_paint(act: impl FnOnce() + 'static) {
    let waiting = Rc::new(Cell::new(Some(Box::new(act) as Act)));
    let late = Rc::clone(&waiting);
    request_animation_frame(move || set_timeout(move || begin(&waiting), PRESENTED));
    set_timeout(move || begin(&late), LATEST);
}

type Act = Box<dyn FnOnce()>;

/// Runs the waiting work, unless it has run before.
fn begin(waiting: &Cell<Option<Act>>) {
    if let Some(act) = waiting.take() {
        act();
    }
}

/// The time from a frame's callbacks until the frame is on the screen. The page's own thread finishes earlier, but the
/// raster threads may share its processor.
const PRESENTED: Duration = Duration::from_millis(20);
/// The longest wait for a frame.
const LATEST: Duration = Duration::from_millis(250);
