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
    request_animation_frame(move || set_timeout(move || begin(&waiting), PRESENTED));
    set_timeout(move || begin(&late), LATEST);
}

type Act = Box<dyn FnOnce()>;

/// Does it, unless it was done before.
fn begin(waiting: &Cell<Option<Act>>) {
    if let Some(act) = waiting.take() {
        act();
    }
}

/// How long after its callbacks a frame is on the screen. The page's own thread is done with it sooner, but the threads that
/// raster it may share its processor.
const PRESENTED: Duration = Duration::from_millis(20);
/// How long a frame is waited for.
const LATEST: Duration = Duration::from_millis(250);
