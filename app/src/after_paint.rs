//! [`after_paint`]: defers work until the newest number is on the screen.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{request_animation_frame, set_timeout};

/// Runs `act` once the browser has painted all changes so far, but after a quarter of a second at the latest: a hidden
/// page is not painted.
pub fn after_paint(act: impl FnOnce() + 'static) {
    let waiting = Rc::new(Cell::new(Some(Box::new(act) as Act)));
    let late = Rc::clone(&waiting);
    request_animation_frame(move || set_timeout(move || begin(&waiting), PRESENTED));
    set_timeout(move || begin(&late), LATEST);
}

type Act = Box<dyn FnOnce()>;

fn begin(waiting: &Cell<Option<Act>>) {
    if let Some(act) = waiting.take() {
        act();
    }
}

/// The time allowed from a frame's callbacks until the frame is on the screen. The raster threads may still be busy
/// when the page's own thread has finished.
const PRESENTED: Duration = Duration::from_millis(20);
const LATEST: Duration = Duration::from_millis(250);
