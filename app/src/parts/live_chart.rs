//! The curve of net power over the last minutes.
//!
//! The engine answers a question with the lowest and highest power of each pixel column. The picture is drawn in the
//! browser's next frame after something has changed; a page that nobody sees asks nothing and draws nothing.

use leptos::html::Canvas;
use leptos::leptos_dom::helpers::request_animation_frame;
use leptos::prelude::*;
use metertap_readings::chart::{Chart, Palette};
use metertap_readings::entry::Moment;
use metertap_readings::interval::between_columns;
use metertap_readings::newest::Newest;
use plotters::style::RGBColor;

use super::age::duration;
use crate::browser::{canvas, clock, page};

/// Net power over a span of time, as the engine answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// From when.
    pub from: Moment,
    /// Until when.
    pub to: Moment,
    /// Lowest and highest watts per column.
    pub columns: Vec<Option<(f64, f64)>>,
}

/// A question to the engine: how many milliseconds back, from where, in how many columns.
pub type Question = (i64, i64, u32);

/// Net power over a span that the person chooses.
#[component]
pub fn LiveChart(
    /// The newest answer.
    picture: RwSignal<Option<Picture>>,
    /// All values of the meter: a new reading makes a new picture.
    newest: Signal<Newest>,
    /// When the meter was first heard: a young log is shown larger.
    #[prop(into)]
    first: Signal<Option<Moment>>,
    /// How often the meter speaks, in milliseconds.
    #[prop(into)]
    interval: Signal<Option<u32>>,
    /// The computer's clock.
    now: Signal<Moment>,
    /// Asks the engine.
    look: UnsyncCallback<Question>,
) -> impl IntoView {
    let element = NodeRef::<Canvas>::new();
    let span = RwSignal::new(SPANS[0]);
    let width = RwSignal::new(0_u32);
    let changes = RwSignal::new(0_u32);

    let watch = StoredValue::new_local(None);
    Effect::new(move |_| {
        let Some(canvas) = element.get() else { return };
        let watched = canvas.clone();
        let measure = move || {
            width.set(canvas::fit(&watched));
            changes.update(|changes| *changes = changes.wrapping_add(1));
        };
        watch.set_value(Some(canvas::watch(&canvas, measure)));
    });
    on_cleanup(move || watch.set_value(None));

    let asked = StoredValue::new((Moment(0), (0, 0)));
    Effect::new(move |_| {
        let Some(received) = newest.with(|newest| newest.received) else { return };
        let now = now.get().max(received);
        let age = now.0 - first.get().unwrap_or(received).0;
        let wanted = (fitted(span.get(), age), width.get());
        let (last, before) = asked.get_value();
        let step = (wanted.0 / i64::from(wanted.1.max(1))).max(SHORTEST_STEP);
        let due = before != wanted || now.0 - last.0 >= step || now.0 < last.0;
        if wanted.1 == 0 || !due || page::is_hidden() {
            return;
        }
        asked.set_value((now, wanted));
        // A meter that has long been silent is shown as it was when it spoke last.
        let to =
            if now.0.max(received.0) - received.0 < wanted.0 { now.0.max(received.0) } else { received.0 };
        look.run((wanted.0, to, wanted.1));
    });

    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        picture.track();
        changes.track();
        if !waiting.get_value() {
            waiting.set_value(true);
            request_animation_frame(move || {
                // The card may have gone in the meantime, and its values with it.
                if waiting.try_set_value(false).is_none()
                    && let Some(canvas) = element.try_get_untracked().flatten()
                {
                    canvas::fit(&canvas);
                    let net = newest.with_untracked(|newest| newest.net_power);
                    picture.with_untracked(|picture| {
                        if let Some(picture) = picture {
                            let speaks = interval.get_untracked().unwrap_or(USUAL_INTERVAL);
                            let shown = between_columns(&picture.columns, picture.to.0 - picture.from.0);
                            let gap = speaks.max(shown.unwrap_or(0)).saturating_mul(3);
                            let net = net.and_then(|net| net.to_string().parse().ok());
                            draw(&canvas, picture, gap, net);
                        }
                    });
                }
            });
        }
    });

    view! {
        <figure class="chart">
            <canvas node_ref=element role="img" aria-label=move || picture.with(|p| summary(p.as_ref()))></canvas>
            <figcaption>
                <span class="spans" role="group" aria-label="Time shown">
                    {SPANS
                        .map(|choice| {
                            view! {
                                <button
                                    class="quiet"
                                    aria-pressed=move || (span.get() == choice).to_string()
                                    on:click=move |_| span.set(choice)
                                >
                                    {duration(choice)}
                                </button>
                            }
                        })
                        .collect_view()}
                </span>
            </figcaption>
        </figure>
    }
}

/// As much of a span as a log of this age can fill, in steps, so that the picture is not scaled anew all the time.
fn fitted(span: i64, age: i64) -> i64 {
    let steps = STEPS.iter().chain(&SPANS).copied();
    steps.filter(|step| *step < span).find(|step| *step >= age).unwrap_or(span)
}

fn draw(element: &canvas::Surface, picture: &Picture, gap: u32, now: Option<f64>) {
    let colour =
        |role| canvas::colour(element, role).map_or(RGBColor(128, 128, 128), |(r, g, b)| RGBColor(r, g, b));
    let palette = Palette {
        ground: colour("--surface"),
        ink: colour("--ink"),
        ink_quiet: colour("--ink-quiet"),
        line: colour("--line"),
        import: colour("--import"),
        export: colour("--export"),
    };
    let chart = Chart {
        from: picture.from,
        to: picture.to,
        columns: &picture.columns,
        gap,
        now,
        offset_minutes: clock::local_time(picture.to.0).offset_minutes,
        palette,
        font: "system-ui, sans-serif",
        ratio: canvas::ratio(),
    };
    if let Some(backend) = canvas::backend(element) {
        // A canvas that cannot be drawn on stays empty; its words stand beside it.
        drop(chart.draw(backend));
    }
}

/// The picture in words, for those who do not see it.
fn summary(picture: Option<&Picture>) -> String {
    let Some(picture) = picture else { return "Net power: no picture yet".to_owned() };
    let known = || picture.columns.iter().flatten();
    let lowest = known().map(|(lowest, _)| *lowest).reduce(f64::min);
    let highest = known().map(|(_, highest)| *highest).reduce(f64::max);
    let span = duration(picture.to.0 - picture.from.0);
    match (lowest, highest) {
        (Some(lowest), Some(highest)) => {
            format!("Net power over {span}: between {lowest:.0} and {highest:.0} watts, import positive")
        }
        _ => format!("Net power over {span}: nothing was heard"),
    }
}

/// Milliseconds: 10 minutes, an hour, a day.
const SPANS: [i64; 3] = [600_000, 3_600_000, 86_400_000];
/// Milliseconds: 1, 2 and 5 minutes.
const STEPS: [i64; 3] = [60_000, 120_000, 300_000];
/// Milliseconds between two questions at least.
const SHORTEST_STEP: i64 = 1000;
/// Milliseconds between readings while nobody has measured it.
const USUAL_INTERVAL: u32 = 10_000;
