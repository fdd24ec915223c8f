//! [`FetchedTiles`]: the place of the answers at a glance, which are fetched once the number is seen.

use futures_channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use metertap_readings::store::MeterKey;

use crate::after_paint::after_paint;
use crate::model::PageServices;

/// The tiles of a meter, as soon as their code is there. Where it was not fetched there are none; the next visit tries again.
#[component]
pub fn FetchedTiles(
    /// Whose.
    meter: MeterKey,
) -> impl IntoView {
    let services = PageServices::of_context();
    let (tiles, here) = (StoredValue::new_local(None), RwSignal::new(false));
    let (painted, wait) = oneshot::channel();
    after_paint(move || drop(painted.send(())));
    // It ends with the card, which may have gone before it was painted.
    spawn_local_scoped_with_cancellation(async move {
        let Ok(()) = wait.await else { return };
        let fetched = (services.tiles)(meter).await;
        here.try_set(tiles.try_update_value(|tiles| *tiles = fetched).is_some());
    });
    move || here.get().then(|| tiles.try_update_value(Option::take).flatten())
}
