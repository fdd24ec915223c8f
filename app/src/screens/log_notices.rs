//! Notices about the log. Each one stays until the user dismisses it.

use leptos::prelude::*;

use crate::model::{Notice, PageModel};
use crate::parts::fault_card::FaultCard;
use crate::texts;

/// All notices, the oldest first.
#[component]
pub fn LogNotices() -> impl IntoView {
    let notices = expect_context::<PageModel>().notices;
    let each = move || notices.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <For each=each key=|(place, notice)| (*place, notice.trouble.code.clone(), notice.trouble.at.0) let((place, notice))>
            <OneNotice place notice />
        </For>
    }
}

#[component]
fn OneNotice(place: usize, notice: Notice) -> impl IntoView {
    let notices = expect_context::<PageModel>().notices;
    let seen = move |_| {
        notices.update(|notices| {
            if place < notices.len() {
                notices.remove(place);
            }
        });
    };
    let trouble = Signal::stored(Some(notice.trouble));
    view! {
        <div data-notice="log" data-meter=notice.meter.map(|meter| meter.0)>
            <FaultCard trouble />
            <p class="actions">
                <button data-action="seen" on:click=seen>
                    {texts::shell::seen()}
                </button>
            </p>
        </div>
    }
}
