//! [`FetchedTiles`]: a place for tiles whose code is fetched.

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;

use crate::model::{Coming, MeterModel};

/// The tiles of a meter, as soon as their code is there. If it could not be fetched, there are no tiles until this
/// component is created again.
#[component]
pub fn FetchedTiles(
    /// The meter.
    meter: MeterModel,
    /// Fetches their code.
    fetch: fn(MeterModel) -> Coming,
) -> impl IntoView {
    let (tiles, here) = (StoredValue::new_local(None), RwSignal::new(false));
    spawn_local_scoped_with_cancellation(async move {
        let fetched = fetch(meter).await.ok();
        here.try_set(tiles.try_update_value(|tiles| *tiles = fetched).is_some());
    });
    move || here.get().then(|| tiles.try_update_value(Option::take).flatten())
}
