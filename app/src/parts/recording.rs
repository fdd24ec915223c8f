//! Records what goes over a meter's line, and saves it: by default without the numbers that identify the meter.

use leptos::prelude::*;
use metertap_readings::view::figure::grouped;

use super::switch::Switch;
use crate::model::Locale;
use crate::protocol::Recorded;
use crate::texts::{self, fault_words};

/// What a user can do with a recording.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RecordingRequest {
    /// Record from now on.
    Begin,
    /// Stop recording. Only the last minute stays in memory.
    End,
    /// Save it as a file; with the meter's numbers and keys if the flag is set.
    Save(bool),
}

/// Buttons to record and to save, and how much was recorded.
#[component]
pub fn Recording(
    /// What was recorded of the line.
    #[prop(into)]
    recorded: Signal<Recorded>,
    /// Called with what the user wants.
    request: UnsyncCallback<RecordingRequest>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let (whole, set_whole) = signal(false);
    let since = Memo::new(move |_| recorded.with(|recorded| recorded.since));
    let octets = Memo::new(move |_| recorded.with(|recorded| recorded.octets));
    let note = Memo::new(move |_| recorded.with(|recorded| recorded.note.clone()));
    let held = move || {
        let octets = grouped(&octets.get().to_string(), '.');
        match since.get() {
            Some(since) => texts::details::recorded(&octets, &(locale.clock)(since)),
            None => texts::details::held(&octets),
        }
    };
    let save = move |_| {
        request.run(RecordingRequest::Save(whole.get_untracked()));
        if since.get_untracked().is_some() {
            request.run(RecordingRequest::End);
        }
    };
    view! {
        <details class="recording">
            <summary>{texts::details::record_line()}</summary>
            <p>
                <span data-recorded=move || octets.get().to_string()>
                    {move || texts::details::record_why(&held())}
                </span>
            </p>
            <Switch name="whole" on=whole turn=move |wanted| set_whole.set(wanted)>
                {texts::details::with_secrets()}
            </Switch>
            <Show when=move || whole.get()>
                <p class="notice" role="alert">
                    {texts::details::secrets_warning()}
                </p>
            </Show>
            <div class="menu">
                <Show when=move || since.get().is_none()>
                    <button data-action="record" on:click=move |_| request.run(RecordingRequest::Begin)>
                        {texts::details::record()}
                    </button>
                </Show>
                <button
                    class:main=move || since.get().is_some()
                    data-action="save-capture"
                    disabled=move || octets.get() == 0
                    on:click=save
                >
                    {move || if since.get().is_some() { texts::details::stop_and_save() } else { texts::details::save_minute() }}
                </button>
                <Show when=move || since.get().is_some()>
                    <button class="quiet" data-action="drop-capture" on:click=move |_| request.run(RecordingRequest::End)>
                        {texts::details::discard()}
                    </button>
                </Show>
            </div>
            <div role="status">
                {move || {
                    note.get()
                        .map(|code| {
                            let words = fault_words(&code);
                            view! {
                                <section class="notice" data-trouble=code.to_string()>
                                    <h3>{words.title}</h3>
                                    <p>{words.means} " " {words.todo}</p>
                                </section>
                            }
                        })
                }}
            </div>
        </details>
    }
}
