//! The time in view: its title, buttons that lead to other times, and the time that it is compared with.

use leptos::prelude::*;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::csv::of_totals;
use metertap_readings::history::question::Question;

use super::state::State;
use super::view::{Compare, When, date, moment};
use crate::model::{Action, Actions, Head, SavedForm, SavedPicture};
use crate::parts::lookup::{follow, totals};
use crate::parts::span_words::title;
use crate::texts::{self, Text};

/// Title, arrows, lengths, date and comparison.
#[component]
pub fn Range(
    /// The view.
    state: State,
) -> impl IntoView {
    let zone = state.zone();
    let titled = move || match state.when.get() {
        When::Following(_) => texts::history::live(&title(state.span(), state.locale)),
        When::Fixed(_) | When::All => title(state.span(), state.locale),
    };
    let by_days = RwSignal::new(false);
    let step = move |to: fn(Span, Zone) -> Span| state.go(to(untrack(move || state.span()), zone));
    view! {
        <div class="range">
            <div class="row">
                <button data-action="earlier" aria-label=texts::history::earlier() on:click=move |_| step(Span::before)>
                    "‹"
                </button>
                <h2 data-span=move || written(state.span())>{titled}</h2>
                <button data-action="later" aria-label=texts::history::later() on:click=move |_| step(Span::after)>
                    "›"
                </button>
            </div>
            <Lengths state />
            <div class="row">
                <label>
                    <span class="unseen">{texts::history::go_to_day()}</span>
                    <input
                        type="date"
                        name="day"
                        prop:value=move || shown_day(state)
                        on:change=move |event| go_to_day(state, &event_target_value(&event))
                    />
                </label>
                <Comparison state />
                <button
                    class="quiet"
                    data-action="mark"
                    aria-pressed=move || state.marking.get().to_string()
                    on:click=move |_| state.marking.update(|marking| *marking = !*marking)
                >
                    {texts::history::mark()}
                </button>
                <button
                    class="quiet"
                    data-action="days"
                    aria-expanded=move || by_days.get().to_string()
                    on:click=move |_| by_days.update(|by_days| *by_days = !*by_days)
                >
                    {texts::history::from_to()}
                </button>
                <SaveTable state />
            </div>
            <Show when=move || by_days.get()>
                <Days state />
            </Show>
        </div>
    }
}

/// A span for programs that read the page.
fn written(span: Span) -> String {
    format!("{}/{}", span.from, span.to)
}

/// Goes to the day, or to the week, month or year around it if such a period is in view.
fn go_to_day(state: State, day: &str) {
    let zone = state.zone();
    let span = untrack(move || state.span());
    let period = span.period(zone).filter(|period| *period != Period::Hour && *period != Period::Quarter);
    let period = period.unwrap_or(Period::Day);
    if let Some(midnight) = typed(day, zone)
        && let Some(to) = period.around(midnight, zone)
    {
        state.go(to);
        state.anchor.set(Some(midnight));
    }
}

/// The beginning of a day from a date field. While its year is being typed, the field holds the years 2, 20 and 202.
fn typed(day: &str, zone: Zone) -> Option<Moment> {
    moment(day, zone).filter(|_| day >= "2000")
}

/// The day in the date field: the one that was last chosen, or the first one in view.
fn shown_day(state: State) -> String {
    let span = state.at_rest().span();
    let chosen = state.anchor.get().filter(|day| span.contains(*day));
    date(chosen.unwrap_or(span.from), state.zone())
}

/// Two dates that set the time in view to exactly these days.
#[component]
fn Days(state: State) -> impl IntoView {
    let zone = state.zone();
    let ends = Memo::new(move |_| {
        let span = state.at_rest().span();
        [span.from, Moment(span.to.0 - 1)].map(|end| date(end, zone))
    });
    let (first, last) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        let [from, to] = ends.get();
        first.set(from);
        last.set(to);
    });
    let field = move |name: &'static str, words: &'static str, day: RwSignal<String>| {
        let choose = move |event| {
            day.set(event_target_value(&event));
            let day = |day: RwSignal<String>| typed(&day.get_untracked(), zone);
            let end = |midnight| Some(Period::Day.around(midnight, zone)?.to);
            if let (Some(from), Some(to)) = (day(first), day(last).and_then(end))
                && from < to
            {
                state.go(Span { from, to });
            }
        };
        view! { <input type="date" name=name aria-label=words prop:value=day on:change=choose /> }
    };
    view! {
        <div class="row days">
            {field("first-day", texts::history::first_day(), first)} "–" {field("last-day", texts::history::last_day(), last)}
        </div>
    }
}

#[component]
fn Lengths(state: State) -> impl IntoView {
    let zone = state.zone();
    let button =
        move |name: &'static str, words: &'static str, is_it: fn(When, Zone) -> bool, go: fn(State)| {
            view! {
                <button
                    class="quiet"
                    data-length=name
                    aria-pressed=move || is_it(state.at_rest().when.get(), zone).to_string()
                    on:click=move |_| go(state)
                >
                    {words}
                </button>
            }
        };
    view! {
        <div class="spans" role="group" aria-label=texts::history::how_much_time()>
            {button("hour", texts::history::one_hour(), |when, _| matches!(when, When::Following(_)), |state| state.jump(When::Following(3_600_000)))}
            {button("day", texts::history::day(), |when, zone| is_of(when, zone, Period::Day), |state| around(state, Period::Day))}
            {button("week", texts::history::week(), |when, zone| is_of(when, zone, Period::Week), |state| around(state, Period::Week))}
            {button("month", texts::history::month(), |when, zone| is_of(when, zone, Period::Month), |state| around(state, Period::Month))}
            {button("year", texts::history::year(), |when, zone| is_of(when, zone, Period::Year), |state| around(state, Period::Year))}
            {button("all", texts::history::all(), |when, _| when == When::All, |state| state.jump(When::All))}
        </div>
    }
}

fn is_of(when: When, zone: Zone, period: Period) -> bool {
    matches!(when, When::Fixed(span) if span.period(zone) == Some(period))
}

/// Goes to the period around the start of the marked stretch. Without a marked stretch, goes to the period around the
/// first of these moments that is in view: the day that was last chosen, now, the end of the log. If none is, goes to
/// the period around the middle.
fn around(state: State, period: Period) {
    let (span, now) = (untrack(move || state.span()), state.now.get_untracked());
    let middle = Moment(span.from.0 + span.length() / 2);
    let marked = state.marked.get_untracked().map(|marked| marked.from);
    let held = untrack(move || state.contents().and_then(|contents| contents.span));
    let last = held.map(|held| Moment(held.to.0 - 1)).filter(|last| span.contains(*last));
    let chosen = state.anchor.get_untracked().filter(|day| span.contains(*day));
    let anchor = marked.or(chosen).or_else(|| span.contains(now).then_some(now)).or(last).unwrap_or(middle);
    if let Some(to) = period.around(anchor, state.zone()) {
        state.go(to);
    }
}

#[component]
fn Comparison(state: State) -> impl IntoView {
    let zone = state.zone();
    let chosen = move || match state.compare.get() {
        Compare::Nothing => "nothing",
        Compare::Before => "before",
        Compare::YearBefore => "year-before",
        Compare::Day(_) => "day",
    };
    let choose = move |event| {
        let span = untrack(move || state.span());
        state.compare.set(match event_target_value(&event).as_str() {
            "before" => Compare::Before,
            "year-before" => Compare::YearBefore,
            "day" => Compare::Day(span.before(zone).from),
            _ => Compare::Nothing,
        });
    };
    let day = move || match state.compare.get() {
        Compare::Day(day) => date(day, zone),
        _ => String::new(),
    };
    view! {
        <label>
            <span class="unseen">{texts::history::compare_with()}</span>
            <select data-action="compare" on:change=choose>
                {OPTIONS
                    .map(|(value, words)| {
                        view! {
                            <option value=value selected=move || chosen() == value>
                                {words()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
        <Show when=move || matches!(state.compare.get(), Compare::Day(_))>
            <input
                type="date"
                name="compared"
                aria-label=texts::history::compare_with()
                prop:value=day
                on:change=move |event| {
                    if let Some(day) = moment(&event_target_value(&event), zone) {
                        state.compare.set(Compare::Day(day));
                    }
                }
            />
        </Show>
    }
}

/// Saves the totals behind the bars as a table, with all flows.
#[component]
fn SaveTable(state: State) -> impl IntoView {
    let actions = expect_context::<Actions>();
    // The totals may have changed since they were last saved, so they are always looked up.
    let (wanted, asked) = (RwSignal::new(None::<Vec<Span>>), StoredValue::new(false));
    let known = follow(state.meter.into(), move |_| {
        let spans = wanted.get()?;
        (!asked.try_update_value(|asked| std::mem::replace(asked, true))?)
            .then_some(Question::Totals { spans })
    });
    let flows = move || untrack(move || state.contents()).map(|contents| contents.flows).unwrap_or_default();
    Effect::new(move |_| {
        let known = known.get();
        let is_it = |spans: &Vec<Span>| {
            known
                .as_ref()
                .is_some_and(|known| matches!(&known.question, Question::Totals { spans: of } if of == spans))
        };
        let Some(spans) = wanted.get_untracked().filter(is_it) else { return };
        wanted.set(None);
        let day = spans.first().map(|span| date(span.from, state.zone())).unwrap_or_default();
        let form = SavedForm::Table(of_totals(totals(known.as_ref()), &flows(), state.zone()));
        let (name, head) = (format!("metertap-{day}"), Head::default());
        actions.run(Action::SavePicture(SavedPicture { name, head, form }));
    });
    let save = move |_| {
        let span = untrack(move || state.span());
        asked.set_value(false);
        wanted.set(Some(Period::of_bars(span.length()).within(span, state.zone())));
    };
    view! {
        <button class="quiet" data-action="save-csv" on:click=save>
            {texts::history::save_csv()}
        </button>
    }
}

const OPTIONS: [(&str, Text); 4] = [
    ("nothing", texts::history::compare_nothing),
    ("before", texts::history::compare_before),
    ("year-before", texts::history::compare_year),
    ("day", texts::history::compare_day),
];
