//! [`Screens`]: the screens whose code is fetched when they are first opened, and what else is fetched.

use metertap_readings::store::MeterKey;

use crate::model::{CardParts, Coming, Draw, SavedPicture};

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
    /// What was noticed.
    pub notices: fn() -> Coming,
    /// The octets that were kept of a meter.
    pub octets: fn(MeterKey) -> Coming,
    /// What the meters said on days gone by; the rest of the address says when.
    pub history: fn(String) -> Coming,
    /// What a card shows below the power.
    pub card: CardParts,
    /// What the page before its first meter shows below its buttons.
    pub welcome: fn() -> Coming,
    /// A chart. Where it was not fetched, the next picture tries again.
    pub draw: Draw,
    /// A chart as a file.
    pub save_picture: fn(SavedPicture),
}
