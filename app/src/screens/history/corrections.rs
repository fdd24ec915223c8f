//! A user's corrections of a history, each with a button that removes it, and forms for more. The log itself never
//! changes.

use leptos::prelude::*;
use metertap_readings::history::calendar::Span;
use metertap_readings::history::question::{Answer, Question};
use metertap_readings::stated::{Correction, CorrectionKind};
use metertap_readings::store::MeterKey;
use metertap_readings::typed::{TypedPosition, Typing};
use metertap_readings::view::figure::symbol;

use super::correcting::{LeaveOut, Replace};
use super::members::Stated;
use super::state::State;
use super::typing::TypePosition;
use crate::model::{Action, Actions, PageModel, TypedRequest};
use crate::parts::lookup::follow;
use crate::parts::span_words::{amount, title};
use crate::protocol::{Command, bytes};
use crate::texts;

/// The corrections of the history in view, and forms for more.
#[component]
pub fn Corrections(
    /// The view.
    state: State,
) -> impl IntoView {
    let stated = Stated::of(expect_context::<PageModel>());
    let corrections = Memo::new(move |_| stated.with(|stated| stated.corrections(&state.meter.get())));
    let known = follow(state.meter.into(), move |known| known.is_none().then_some(Question::Typed));
    let typed = Memo::new(move |_| match known.get().map(|known| known.answer.clone()) {
        Some(Answer::Typed(positions)) => positions,
        _ => Vec::new(),
    });
    let is_empty = move || corrections.with(Vec::is_empty) && typed.with(Vec::is_empty);
    let rows = move || {
        let rows = corrections.get().into_iter();
        rows.map(|(meter, correction)| view! { <Row state meter correction /> }).collect_view()
    };
    let positions = move || {
        let positions = typed.get().into_iter();
        positions.map(|position| view! { <TypedRow state position /> }).collect_view()
    };
    view! {
        <p class="small">
            {texts::corrections::log_stays()}
        </p>
        <Show when=move || !is_empty()>
            <ul class="choices" data-part="corrections">
                {rows} {positions}
            </ul>
        </Show>
        <Replace state stated />
        <LeaveOut state />
        <TypePosition meter=Signal::derive(move || Some(state.meter.get())) typed=typed.into() />
    }
}

#[component]
fn Row(state: State, meter: MeterKey, correction: Correction) -> impl IntoView {
    let (actions, model) = (expect_context::<Actions>(), expect_context::<PageModel>());
    let (kind, words) = match &correction.what {
        CorrectionKind::Replaced { meter: old } => {
            let name = |key: &MeterKey| model.meter(key).map_or_else(|| key.0.clone(), |meter| meter.title());
            let from = (state.locale.date_time)(correction.from);
            ("replaced", texts::corrections::replaced(&name(&meter), &name(old), &from))
        }
        CorrectionKind::LeftOut { until, why } => {
            let span = Span { from: correction.from, to: *until };
            ("left-out", texts::corrections::left_out(&title(span, state.locale), why))
        }
        // These are listed with the meter's settings.
        CorrectionKind::CurrentTransformer { .. }
        | CorrectionKind::VoltageTransformer { .. }
        | CorrectionKind::Count { .. }
        | CorrectionKind::Clock { .. } => return ().into_any(),
    };
    let take_back = move |_| {
        actions.send(Command::TakeBack { meter: meter.clone(), statement: correction.clone() });
    };
    view! {
        <li class="choice" data-correction=kind>
            <div>{words}</div>
            <button class="quiet" data-action="take-back" on:click=take_back>
                {texts::corrections::take_back()}
            </button>
        </li>
    }
    .into_any()
}

#[component]
fn TypedRow(state: State, position: TypedPosition) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let counter = position.counter;
    let figure = amount(position.value, counter.quantity.unit(), state.locale.decimal_mark);
    let unit = symbol(counter.quantity.unit());
    let at = (state.locale.date_time)(position.at);
    let words = texts::corrections::typed(&counter.register, &at, &format!("{} {unit}", figure.digits));
    let answer = RwSignal::new(None);
    let take_back = move |_| {
        let (meter, name) = (Some(state.meter.get_untracked()), String::new());
        let typing = bytes::write(&Typing::TakeBack(position));
        actions.run(Action::Type(TypedRequest { meter, name, typing }, answer));
    };
    view! {
        <li class="choice" data-correction="typed" data-value=position.value.to_string()>
            <div>{words}</div>
            <button class="quiet" data-action="take-back" on:click=take_back>
                {texts::corrections::take_back()}
            </button>
        </li>
    }
}
