//! The curve of net power over the last ten minutes, hour or day.
//!
//! The engine answers a question with the lowest and the highest power of each pixel column. The chart asks and draws
//! only after the browser has painted the newest number. On a hidden page, the chart asks nothing.

use leptos::html::Canvas;
use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::power::watts;
use metertap_readings::view::chart::{Across, Axis, Hue, Right};
use metertap_readings::view::interval::between_columns;
use metertap_readings::view::newest::Newest;

use super::age::duration;
use super::chart_canvas::keep_fitted;
use crate::after_paint::after_paint;
use crate::model::{Drawing, DrawnLayer, PageServices, Picture, Surface};
use crate::texts;

/// A question to the engine: how many milliseconds, the end in milliseconds since 1970, and the number of columns.
pub type Question = (i64, i64, u32);

/// Net power over a span that the user chooses.
#[component]
pub fn LiveChart(
    /// The newest answer.
    picture: RwSignal<Option<Picture>>,
    /// All values of the meter.
    newest: Signal<Newest>,
    /// When the first reading in the log was received: a short log is shown enlarged.
    #[prop(into)]
    first: Signal<Option<Moment>>,
    /// How often the meter sends, in milliseconds.
    #[prop(into)]
    interval: Signal<Option<u32>>,
    /// The computer's clock.
    now: Signal<Moment>,
    /// Asks the engine.
    look: UnsyncCallback<Question>,
) -> impl IntoView {
    let services = PageServices::of_context();
    let element = NodeRef::<Canvas>::new();
    let span = RwSignal::new(SPANS[0]);
    let width = RwSignal::new(0_u32);
    // Counts the reasons to redraw the canvas other than a new curve.
    let changes = RwSignal::new(0_u32);
    keep_fitted(services, element, width, changes);

    let asked = StoredValue::new((Moment(0), (0, 0)));
    Effect::new(move |_| {
        let Some(received) = newest.with(|newest| newest.received) else { return };
        let due = Due { received, now: now.get().max(received), first: first.get().unwrap_or(received) };
        let wanted = (fitted(span.get(), due.now.0 - due.first.0), width.get());
        if wanted.1 == 0 || !due.is_now(wanted, asked.get_value()) || (services.is_hidden)() {
            return;
        }
        asked.set_value((due.now, wanted));
        let question = (wanted.0, due.end(wanted.0), wanted.1);
        after_paint(move || {
            // The card may be gone by now.
            let _ = look.try_run(question);
        });
    });

    let draw = move |surface: &Surface| {
        let net = newest.with_untracked(|newest| newest.net_power);
        let Some(picture) = picture.get_untracked() else { return };
        let speaks = interval.get_untracked().unwrap_or(USUAL_INTERVAL);
        let between = between_columns(&picture.columns, picture.to.0 - picture.from.0);
        let gap = speaks.max(between.unwrap_or(0)).saturating_mul(3);
        let (from, to) = (picture.from, picture.to);
        let layers = vec![DrawnLayer::Curve { picture, gap, hue: Hue::Ink, tinted: true, on_right: false }];
        let now = net.and_then(watts);
        let (axis, right, across) = (Axis::POWER, Right::Nothing, Across::Time);
        (services.draw)(surface, Drawing { from, to, layers, axis, right, across, now });
    };
    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        picture.track();
        changes.track();
        if !waiting.get_value() {
            waiting.set_value(true);
            after_paint(move || {
                // The card may be gone by now, and its values with it.
                if waiting.try_set_value(false).is_none()
                    && let Some(surface) = element.try_get_untracked().flatten()
                {
                    (services.fit)(&surface);
                    draw(&surface);
                }
            });
        }
    });

    view! {
        <figure class="chart">
            <canvas node_ref=element role="img" aria-label=move || picture.with(|p| summary(p.as_ref()))></canvas>
            <figcaption>
                <SpanChoice span />
            </figcaption>
        </figure>
    }
}

#[component]
fn SpanChoice(span: RwSignal<i64>) -> impl IntoView {
    let button = move |choice: i64| {
        view! {
            <button
                class="quiet"
                aria-pressed=move || (span.get() == choice).to_string()
                on:click=move |_| span.set(choice)
            >
                {duration(choice)}
            </button>
        }
    };
    view! {
        <span class="spans" role="group" aria-label=texts::chart::time_shown()>
            {SPANS.map(button).collect_view()}
        </span>
    }
}

#[derive(Clone, Copy, Debug)]
struct Due {
    received: Moment,
    now: Moment,
    first: Moment,
}

impl Due {
    fn is_now(self, wanted: (i64, u32), (last, before): (Moment, (i64, u32))) -> bool {
        let step = (wanted.0 / i64::from(wanted.1.max(1))).max(SHORTEST_STEP);
        before != wanted || self.now.0 - last.0 >= step || self.now.0 < last.0
    }

    /// The end of the curve. A meter that has long been silent is shown up to its last reading.
    fn end(self, span: i64) -> i64 {
        if self.now.0 - self.received.0 < span { self.now.0 } else { self.received.0 }
    }
}

/// The part of the span that a log of this age can fill, in steps, so that the chart is not rescaled all the time.
fn fitted(span: i64, age: i64) -> i64 {
    let steps = STEPS.iter().chain(&SPANS).copied();
    steps.filter(|step| *step < span).find(|step| *step >= age).unwrap_or(span)
}

/// The curve in words, for screen readers.
fn summary(picture: Option<&Picture>) -> String {
    let Some(picture) = picture else { return texts::chart::no_picture().to_owned() };
    let known = || picture.columns.iter().flatten();
    let lowest = known().map(|(lowest, _)| *lowest).reduce(f64::min);
    let highest = known().map(|(_, highest)| *highest).reduce(f64::max);
    let span = duration(picture.to.0 - picture.from.0);
    match (lowest, highest) {
        (Some(lowest), Some(highest)) => {
            let (lowest, highest) = (whole(lowest), whole(highest));
            texts::chart::between(&span, &lowest, &highest)
        }
        _ => texts::chart::nothing(&span),
    }
}

/// The nearest whole number. Formatting an integer needs no code for floats.
#[allow(clippy::cast_possible_truncation, reason = "numbers out of range become the nearest i64")]
#[must_use]
pub fn whole(watts: f64) -> i64 {
    watts.round() as i64
}

/// Milliseconds: 10 minutes, an hour, a day.
const SPANS: [i64; 3] = [600_000, 3_600_000, 86_400_000];
/// Milliseconds: 1, 2 and 5 minutes.
const STEPS: [i64; 3] = [60_000, 120_000, 300_000];
/// The shortest time between two questions, in milliseconds.
const SHORTEST_STEP: i64 = 1000;
/// Assumed milliseconds between readings until the interval is known.
const USUAL_INTERVAL: u32 = 10_000;
