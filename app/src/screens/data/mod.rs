//! The screen of the stored data: export, import, backup, storage, and totals.

pub mod backup;
pub mod daily;
pub mod export;
pub mod import;
pub mod layout;
pub mod progress;
pub mod units;

use leptos::prelude::*;

use self::backup::Backup;
use self::export::Export;
use self::import::Import;
use crate::model::{Action, Actions};
use crate::screens::storage::StorageCard;
use crate::screens::totals::Totals;
use crate::texts;

/// Everything that can be done with the stored data.
#[component]
pub fn Data() -> impl IntoView {
    expect_context::<Actions>().run(Action::MeasureStorage);
    view! {
        <h1>{texts::frame::data()}</h1>
        <Export />
        <Import />
        <Backup />
        <StorageCard />
        <Totals />
    }
}
