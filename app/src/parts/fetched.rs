//! [`Fetched`]: the place of a view whose code is fetched on first use.

use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use metertap_readings::fault::Code;

use super::fault_card::Notice;
use crate::fetching::NotFetched;
use crate::model::Coming;
use crate::texts;

/// A view, once its code is there. If the code cannot be fetched, a notice says so and offers to try again.
#[component]
pub fn Fetched(
    /// Fetches the code.
    fetch: impl Fn() -> Coming + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let state = RwSignal::new(State::Coming);
    let view = StoredValue::new_local(None);
    // A click on the button below may create the view, which must live as long as this component.
    let owner = StoredValue::new(Owner::current());
    let take = move |fetched: Result<AnyView, NotFetched>| {
        let now = if fetched.is_ok() { State::Here } else { State::Missing };
        view.set_value(fetched.ok());
        state.set(now);
    };
    let begin = move || {
        let Some(owner) = owner.get_value() else { return };
        state.set(State::Coming);
        owner.with(|| {
            let mut coming = fetch();
            // Code that was fetched before is there at once.
            match coming.as_mut().now_or_never() {
                Some(fetched) => take(fetched),
                None => spawn_local_scoped_with_cancellation(async move { take(coming.await) }),
            }
        });
    };
    begin();
    move || match state.get() {
        State::Coming => view! { <p data-screen-state="coming" aria-busy="true"></p> }.into_any(),
        State::Here => view.try_update_value(Option::take).flatten().into_any(),
        State::Missing => view! {
            <Notice code=Code::EnginePart>
                <button data-action="fetch-again" on:click=move |_| begin()>
                    {texts::shell::try_again()}
                </button>
            </Notice>
        }
        .into_any(),
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Coming,
    Here,
    Missing,
}
