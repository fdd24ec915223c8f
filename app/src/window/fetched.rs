//! Screens whose code is fetched when they are first opened, and what draws.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;

use crate::fetching::NotFetched;
use crate::model::{Draw, FetchTiles, SavedPicture};
use crate::parts::fault_card::Notice;

/// The screens that are fetched. Where each begins is said in the program itself (`src/bin/app.rs`).
#[derive(Clone, Copy, Debug)]
pub struct Screens {
    /// The meters and their settings.
    pub meters: fn() -> Coming,
    /// The ways to a meter.
    pub connect: fn() -> Coming,
    /// What can be done with what is kept.
    pub data: fn() -> Coming,
    /// The way to the broker.
    pub forward: fn() -> Coming,
    /// The octets that were kept of a meter.
    pub octets: fn(MeterKey) -> Coming,
    /// What the meters said on days gone by; the rest of the address says when.
    pub history: fn(String) -> Coming,
    /// The answers at a glance of a meter.
    pub tiles: FetchTiles,
    /// A chart. Where it was not fetched, the next picture tries again.
    pub draw: Draw,
    /// A chart as a file.
    pub save_picture: fn(SavedPicture),
}

/// A screen that is made once its code is there.
pub type Coming = LocalBoxFuture<'static, Result<AnyView, NotFetched>>;

/// A screen, once it is there; what is missing is told, and tried again when somebody asks for it.
#[component]
pub fn Fetched(
    /// Fetches it.
    fetch: impl Fn() -> Coming + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let state = RwSignal::new(State::Coming);
    let screen = StoredValue::new_local(None);
    // Who asks again is a button; what comes is to live as long as this.
    let owner = StoredValue::new(Owner::current());
    let take = move |fetched: Result<AnyView, NotFetched>| {
        let now = if fetched.is_ok() { State::Here } else { State::Missing };
        screen.set_value(fetched.ok());
        state.set(now);
    };
    let begin = move || {
        let Some(owner) = owner.get_value() else { return };
        state.set(State::Coming);
        owner.with(|| {
            let mut coming = fetch();
            // What was fetched before is there at once.
            match coming.as_mut().now_or_never() {
                Some(fetched) => take(fetched),
                None => spawn_local_scoped_with_cancellation(async move { take(coming.await) }),
            }
        });
    };
    begin();
    move || match state.get() {
        State::Coming => view! { <p data-screen-state="coming" aria-busy="true"></p> }.into_any(),
        State::Here => screen.try_update_value(Option::take).flatten().into_any(),
        State::Missing => view! {
            <Notice code=Code::EnginePart>
                <button data-action="fetch-again" on:click=move |_| begin()>
                    "Try again"
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
