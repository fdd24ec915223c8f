//! A curve of the whole log, as a strip for navigation.

use leptos::ev::PointerEvent;
use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::Span;
use metertap_readings::history::question::Curve;
use metertap_readings::view::chart::Margin;

use super::gestures::{place, room};
use super::pictures::{axis, curve, drawing, layer};
use super::state::{State, whole};
use crate::parts::chart_canvas::{ChartCanvas, Pointed};
use crate::parts::span_words::title;
use crate::texts;

/// Everything that the log holds, with the time in view highlighted.
#[component]
pub fn Strip(
    /// The view.
    state: State,
    /// The curve in the strip.
    main: Memo<Option<Curve>>,
) -> impl IntoView {
    let held_span = Memo::new(move |_| state.contents().and_then(|contents| contents.span));
    let held = RwSignal::new(false);
    let pointed = move |(what, event): (Pointed, PointerEvent)| {
        match what {
            Pointed::Down => held.set(true),
            Pointed::Up => held.set(false),
            Pointed::Moved | Pointed::Left => {}
        }
        let (Some(all), true) = (held_span.get_untracked(), held.get_untracked() || what == Pointed::Down)
        else {
            return;
        };
        let room = room(state.width.get_untracked(), Margin::None);
        let share = (event.offset_x() - f64::from(room.left)) / f64::from(room.right - room.left);
        let middle = all.from.0 + whole(share.clamp(0.0, 1.0) * all.length() as f64);
        let length = untrack(move || state.span()).length();
        state.look_at(Span { from: Moment(middle - length / 2), to: Moment(middle - length / 2 + length) });
    };
    let window = move || {
        let (all, span) = (held_span.get()?, state.span());
        let room = room(state.width.get(), Margin::None);
        let left = place(span.from.clamp(all.from, all.to), all, room)?;
        let right = place(span.to.clamp(all.from, all.to), all, room)?;
        Some((left, (right - left).max(2.0)))
    };
    let pixels = |length: Option<f64>| length.map(|length| format!("{length:.1}px"));
    let chart = move |curve: Curve| {
        let known = self::curve(state, curve, move || held_span.get());
        let drawing = Signal::derive(move || {
            let all = held_span.get()?;
            let layers = known.get().and_then(|known| layer(&known, None, None, curve == Curve::NetPower));
            let layers = layers.into_iter().collect();
            Some(drawing(all, layers, axis(curve)))
        });
        let words = Signal::derive(move || {
            let all = held_span.get().map(|all| title(all, state.locale)).unwrap_or_default();
            texts::history::whole_record(&all)
        });
        view! { <ChartCanvas drawing words width=state.width pointed=UnsyncCallback::new(pointed) /> }
    };
    view! {
        <Show when=move || held_span.get().is_some() && main.get().is_some()>
            <div class="strip">
                {move || main.get().map(chart)}
                <div
                    class="window"
                    aria-hidden="true"
                    hidden=move || window().is_none()
                    style:left=move || pixels(window().map(|(left, _)| left))
                    style:width=move || pixels(window().map(|(_, width)| width))
                ></div>
            </div>
        </Show>
    }
}
