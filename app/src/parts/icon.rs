//! The few icons of the page, drawn as strokes on a grid of 24.

use leptos::prelude::*;

/// An icon from its strokes, hidden from screen readers: words stand beside it.
#[component]
pub fn Icon(
    /// An SVG path.
    path: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
}

/// The mark: an optical head that reads a pulse, as in the app's icons.
pub const MARK: &str = "M12 3a9 9 0 1 1 0 18a9 9 0 1 1 0-18M13.9 9L10.1 15";
/// A curve.
pub const LIVE: &str = "M3 13h4l3-8l4 14l3-6h4";
/// Bars on a line.
pub const HISTORY: &str = "M3 20h18M6 16v-5M12 16V5M18 16V9";
/// A meter with its dial.
pub const METERS: &str = "M5 3h14v18H5zM12 13.5a4 4 0 1 1 0-8a4 4 0 1 1 0 8M12 9.5l2-1.5M9 17.5h6";
/// A plug.
pub const CONNECT: &str = "M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3";
/// A sheet with lines.
pub const DATA: &str = "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7";
/// An arrow out of a box.
pub const FORWARD: &str = "M4 5v14h8M9 12h12M17 8l4 4l-4 4";
