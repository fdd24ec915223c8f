//! [`FetchedTiles`]: the place of the answers at a glance, which are fetched once the number is seen.

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
    let owner = Owner::current();
    after_paint(move || {
        let Some(owner) = owner else { return };
        owner.with(|| {
            spawn_local_scoped_with_cancellation(async move {
                let fetched = (services.tiles)(meter).await;
                here.try_set(tiles.try_update_value(|tiles| *tiles = fetched).is_some());
            });
        });
    });
    move || here.get().then(|| tiles.try_update_value(Option::take).flatten())
}
