//! The browser's clocks: monotonic milliseconds, the time of day with its local offset, and waiting.
//!
//! They work in the window and in workers. Browsers delay the timers of a hidden window, but not those of a worker.

use futures_channel::oneshot;
use gloo::timers::callback::Timeout;
use js_sys::{Date, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Performance;

/// A moment as the computer's calendar and time zone show it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LocalTime {
    /// The year.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// Hour, minute, second.
    pub clock: (u32, u32, u32),
    /// How many minutes local time is ahead of UTC.
    pub offset_minutes: i32,
}

/// Milliseconds since the page or worker was started, by a clock that is never set back. A browser without that clock
/// gives milliseconds since 1970 by the computer's clock.
#[must_use]
pub fn monotonic_milliseconds() -> u64 {
    PERFORMANCE.with(|clock| clock.as_ref().map_or_else(Date::now, Performance::now)) as u64
}

/// Milliseconds since 1970-01-01T00:00:00Z, by the computer's clock, which may be set at any time.
#[must_use]
pub fn unix_milliseconds() -> i64 {
    Date::now() as i64
}

/// The local time at the moment `unix_milliseconds`.
#[must_use]
pub fn local_time(unix_milliseconds: i64) -> LocalTime {
    let date = Date::new(&JsValue::from_f64(unix_milliseconds as f64));
    LocalTime {
        year: date.get_full_year(),
        month: date.get_month() + 1,
        day: date.get_date(),
        clock: (date.get_hours(), date.get_minutes(), date.get_seconds()),
        offset_minutes: -(date.get_timezone_offset() as i32),
    }
}

/// How many minutes local time is ahead of UTC at the moment `unix_milliseconds`.
#[must_use]
pub fn offset_minutes(unix_milliseconds: i64) -> i32 {
    -(Date::new(&JsValue::from_f64(unix_milliseconds as f64)).get_timezone_offset() as i32)
}

/// Waits this many milliseconds, but at most 24 days. Dropping the future drops the timer.
pub async fn sleep(milliseconds: u64) {
    let (done, wait) = oneshot::channel();
    let milliseconds = u32::try_from(milliseconds).unwrap_or(LONGEST_TIMER).min(LONGEST_TIMER);
    let _timer = Timeout::new(milliseconds, move || {
        // If the waiting future was dropped, nothing has to be done.
        let _ = done.send(());
    });
    let _ = wait.await;
}

/// Browsers store a timer's milliseconds in a signed 32-bit number, and a longer timer fires at once.
const LONGEST_TIMER: u32 = i32::MAX as u32;

thread_local! {
    static PERFORMANCE: Option<Performance> =
        Reflect::get(&js_sys::global(), &JsValue::from_str("performance")).ok()?.dyn_into().ok();
}
