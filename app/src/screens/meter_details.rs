//! What a card shows below the power and the tiles: counters and phases, and the rest under "Details".

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::view::newest::MOST_REGISTERS;

use crate::model::{Actions, MeterModel, PageModel};
use crate::parts::quality::Quality;
use crate::parts::recording::{Recording, RecordingRequest};
use crate::parts::registers::{Group, PhaseTable, RegisterList, has};
use crate::protocol::Command;
use crate::texts;

/// The registers of a meter in their groups, the quality of its line, and a recording of it.
#[component]
pub fn MeterDetails(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let now: Signal<Moment> = expect_context::<PageModel>().now.into();
    let state = meter.state;
    let counts = Memo::new(move |_| state.with(|state| state.counts));
    let recorded = meter.clone();
    let MeterModel { key, newest, .. } = meter;
    let (lists, phases) = (key.clone(), key);
    let is_partial = Memo::new(move |_| newest.with(|newest| newest.is_partial));
    let list = move |title: &'static str, group: Group| {
        let meter = lists.clone();
        view! {
            <Show when=move || newest.with(|newest| has(newest, group))>
                <section>
                    <h3>{title}</h3>
                    <RegisterList meter=meter.clone() newest=newest.into() group now />
                </section>
            </Show>
        }
    };
    view! {
        <div class="groups">
            {list(texts::details::counters(), Group::Counters)}
            <Show when=move || newest.with(|newest| has(newest, Group::Phases))>
                <section>
                    <h3>{texts::details::phases()}</h3>
                    <PhaseTable meter=phases.clone() newest=newest.into() now />
                </section>
            </Show>
            {list(texts::details::sub_meters(), Group::SubMeters)}
        </div>
        <details class="fold" data-part="details">
            <summary>{texts::details::details()}</summary>
            <div class="groups">
                {list(texts::details::current(), Group::Now)}
                {list(texts::details::itself(), Group::Rest)}
            </div>
            <Quality counts />
            <Recorder meter=recorded />
        </details>
        <Show when=move || is_partial.get()>
            <p class="small" data-registers="partial">
                {texts::details::too_many(&MOST_REGISTERS)}
            </p>
        </Show>
    }
}

#[component]
fn Recorder(meter: MeterModel) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let (key, state) = (meter.key, meter.state);
    let recorded = Memo::new(move |_| state.with(|state| state.recorded.clone()));
    let request = UnsyncCallback::new(move |request| {
        let meter = key.clone();
        actions.send(match request {
            RecordingRequest::Begin => Command::Record { meter, on: true },
            RecordingRequest::End => Command::Record { meter, on: false },
            RecordingRequest::Save(whole) => Command::SaveCapture { meter, whole },
        });
    });
    view! { <Recording recorded request /> }
}
