//! [`ChartCanvas`]: a chart that is redrawn in the frame in which it changes.

use std::any::Any;

use leptos::ev::PointerEvent;
use leptos::html::Canvas;
use leptos::leptos_dom::helpers::request_animation_frame;
use leptos::prelude::*;

use crate::model::{Drawing, PageServices};

/// A chart that fills the element around it.
#[component]
pub fn ChartCanvas(
    /// What to draw; `None` leaves the canvas as it is.
    drawing: Signal<Option<Drawing>>,
    /// A description in words.
    #[prop(into)]
    words: Signal<String>,
    /// Receives the width, in CSS pixels.
    width: RwSignal<u32>,
    /// Receives what a pointer does on the chart.
    pointed: UnsyncCallback<(Pointed, PointerEvent)>,
) -> impl IntoView {
    let services = PageServices::of_context();
    let element = NodeRef::<Canvas>::new();
    let changes = RwSignal::new(0_u32);
    keep_fitted(services, element, width, changes);
    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        drawing.track();
        changes.track();
        if !waiting.get_value() {
            waiting.set_value(true);
            request_animation_frame(move || {
                // The screen may be gone by now, and its values with it.
                if waiting.try_set_value(false).is_none()
                    && let Some(surface) = element.try_get_untracked().flatten()
                    && let Some(drawing) = drawing.get_untracked()
                {
                    (services.fit)(&surface);
                    (services.draw)(&surface, drawing);
                }
            });
        }
    });
    let tell = move |what: Pointed| move |event: PointerEvent| pointed.run((what, event));
    view! {
        <canvas
            node_ref=element
            role="img"
            aria-label=words
            on:pointerdown=tell(Pointed::Down)
            on:pointermove=tell(Pointed::Moved)
            on:pointerup=tell(Pointed::Up)
            on:pointercancel=tell(Pointed::Up)
            on:pointerleave=tell(Pointed::Left)
        ></canvas>
    }
}

/// What a pointer does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pointed {
    /// It is put down.
    Down,
    /// It moves, whether it is down or not.
    Moved,
    /// It is lifted, or the browser uses it for a gesture of its own.
    Up,
    /// It leaves the chart.
    Left,
}

/// Keeps the canvas's resolution and `width` up to date, and counts the changes in `changes`.
pub fn keep_fitted(
    services: PageServices,
    element: NodeRef<Canvas>,
    width: RwSignal<u32>,
    changes: RwSignal<u32>,
) {
    let observation = StoredValue::new_local(None::<Box<dyn Any>>);
    Effect::new(move |_| {
        let Some(canvas) = element.get() else { return };
        let observed = canvas.clone();
        let measure = move || {
            width.set((services.fit)(&observed));
            changes.update(|changes| *changes = changes.wrapping_add(1));
        };
        observation.set_value(Some((services.observe)(&canvas, Box::new(measure))));
    });
    on_cleanup(move || observation.set_value(None));
}
