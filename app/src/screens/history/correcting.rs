//! Forms for corrections: which meter replaced which, and what statistics leave out.

use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::civil::DateTime;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::Period;
use metertap_readings::history::timeline::NoReplacement;
use metertap_readings::stated::{Correction, CorrectionKind};
use metertap_readings::store::MeterKey;

use super::members::Stated;
use super::state::State;
use super::view::{date, moment};
use crate::model::{Actions, PageModel};
use crate::protocol::Command;
use crate::texts;

/// The form in which a user states that the meter in view replaced another one.
#[component]
pub fn Replace(
    /// The view.
    state: State,
    /// The statements about all meters.
    stated: Memo<Stated>,
) -> impl IntoView {
    let (actions, model) = (expect_context::<Actions>(), expect_context::<PageModel>());
    let (old, day) = (NodeRef::<Select>::new(), NodeRef::<Input>::new());
    let (problem, tell) = signal("");
    let zone = state.zone();
    let first = Memo::new(move |_| state.contents().and_then(|contents| contents.span).map(|span| span.from));
    let others = move || {
        let meter = state.meter.get();
        let others = model.meters.get().into_iter().filter(move |other| other.key != meter);
        others
            .map(|other| view! { <option value=other.key.0.clone()>{other.title()}</option> })
            .collect_view()
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let meter = state.meter.get_untracked();
        let other = MeterKey(old.get().map(|field| field.value()).unwrap_or_default());
        let typed = day.get().map(|field| field.value()).unwrap_or_default();
        let from = exchange(&typed, first.get_untracked(), zone);
        let replaced = from.and_then(|from| {
            stated.with_untracked(|stated| stated.may_replace(&meter, &other)).map_err(words)?;
            Ok(Correction { from, what: CorrectionKind::Replaced { meter: other } })
        });
        match replaced {
            Ok(statement) => {
                tell.set("");
                actions.send(Command::State { meter, statement });
            }
            Err(words) => tell.set(words),
        }
    };
    let is_alone = Memo::new(move |_| model.meters.with(|meters| meters.len() < 2));
    view! {
        <form class="settings" data-form="replace" on:submit=submit hidden=move || is_alone.get()>
            <h4>{texts::corrections::replaced_title()}</h4>
            <p class="small">
                {texts::corrections::replaced_help()}
            </p>
            <label>
                {texts::corrections::old_one()}
                <select name="replaced" node_ref=old>
                    {others}
                </select>
            </label>
            <label>
                {texts::corrections::on_day()}
                <input
                    type="date"
                    name="replaced-on"
                    required
                    node_ref=day
                    prop:value=move || first.get().map(|first| date(first, zone)).unwrap_or_default()
                />
            </label>
            <p role="status" class="small">{problem}</p>
            <p class="actions">
                <button type="submit" data-action="replace">
                    {texts::corrections::join()}
                </button>
            </p>
        </form>
    }
}

/// The moment of the exchange. On the new meter's first day, this is when its first reading was received. On any other
/// day, it is the beginning of the day.
fn exchange(day: &str, first: Option<Moment>, zone: Zone) -> Result<Moment, &'static str> {
    let midnight = moment(day, zone).ok_or_else(texts::corrections::choose_exchange_day)?;
    let is_that_day =
        |first: &Moment| Period::Day.around(*first, zone).is_some_and(|day| day.from == midnight);
    Ok(first.filter(is_that_day).unwrap_or(midnight))
}

fn words(why: NoReplacement) -> &'static str {
    match why {
        NoReplacement::Itself => texts::corrections::not_itself(),
        NoReplacement::Circle => texts::corrections::no_circle(),
        NoReplacement::Taken => texts::corrections::taken(),
    }
}

/// The form in which a user states that statistics leave out a stretch of time.
#[component]
pub fn LeaveOut(
    /// The view.
    state: State,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let (from, to, why) = (NodeRef::<Input>::new(), NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let (problem, tell) = signal("");
    let zone = state.zone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = |field: NodeRef<Input>| field.get().map(|field| field.value()).unwrap_or_default();
        match left_out(&typed(from), &typed(to), typed(why), zone) {
            Ok(statement) => {
                tell.set("");
                state.marked.set(None);
                actions.send(Command::State { meter: state.meter.get_untracked(), statement });
            }
            Err(words) => tell.set(words),
        }
    };
    let marked = move |end: fn(metertap_readings::history::calendar::Span) -> Moment| {
        move || state.marked.get().map(|marked| written(end(marked), zone)).unwrap_or_default()
    };
    view! {
        <form class="settings" data-form="leave-out" on:submit=submit>
            <h4>{texts::corrections::leave_out_title()}</h4>
            <p class="small">
                {texts::corrections::leave_out_help()}
            </p>
            <label>
                {texts::corrections::from()}
                <input
                    type="datetime-local"
                    name="left-out-from"
                    required
                    node_ref=from
                    prop:value=marked(|marked| marked.from)
                />
            </label>
            <label>
                {texts::corrections::until()}
                <input
                    type="datetime-local"
                    name="left-out-until"
                    required
                    node_ref=to
                    prop:value=marked(|marked| marked.to)
                />
            </label>
            <label>
                {texts::corrections::why()}
                <input type="text" name="left-out-why" required maxlength="200" autocomplete="off" node_ref=why />
            </label>
            <p role="status" class="small">{problem}</p>
            <p class="actions">
                <button type="submit" data-action="leave-out">
                    {texts::corrections::leave_out()}
                </button>
            </p>
        </form>
    }
}

fn left_out(from: &str, until: &str, why: String, zone: Zone) -> Result<Correction, &'static str> {
    let times = at(from, zone).zip(at(until, zone));
    let (from, until) = times.ok_or_else(texts::corrections::wants_times)?;
    if why.trim().is_empty() {
        return Err(texts::corrections::wants_why());
    }
    let correction = Correction { from, what: CorrectionKind::LeftOut { until, why } };
    correction.possible().ok_or_else(texts::corrections::ends_before)
}

/// The moment of a date and a time, such as `2026-11-24T10:30`.
pub fn at(text: &str, zone: Zone) -> Option<Moment> {
    let local = DateTime::read(&format!("{}:00", text.get(..16)?))?;
    Some(Moment(zone.unix(local).checked_mul(1000)?))
}

/// A moment in the format of its input field.
fn written(moment: Moment, zone: Zone) -> String {
    let local = zone.local(moment.0.div_euclid(1000)).unwrap_or_default();
    let (hour, minute, _) = local.time().parts();
    format!("{}T{hour:02}:{minute:02}", local.date())
}
