//! [`Screens`]: the screens and other code that are fetched on first use.

use metertap_readings::store::MeterKey;

use crate::model::{CardParts, Coming, Draw, SavedPicture};

/// The screens that are fetched. The entry point of each is in the program itself (`src/bin/app.rs`).
#[derive(Clone, Copy, Debug)]
pub struct Screens {
    /// The meters and their settings.
    pub meters: fn() -> Coming,
    /// The ways to connect a meter.
    pub connect: fn() -> Coming,
    /// Saving, importing and storage.
    pub data: fn() -> Coming,
    /// Forwarding to a broker.
    pub forward: fn() -> Coming,
    /// The notices.
    pub notices: fn() -> Coming,
    /// The bytes that are kept of a meter.
    pub octets: fn(MeterKey) -> Coming,
    /// The meters' past values; takes the rest of the address, which names the meter and the time.
    pub history: fn(String) -> Coming,
    /// The parts of a card below the power.
    pub card: CardParts,
    /// What the welcome page shows below its buttons.
    pub welcome: fn() -> Coming,
    /// Draws a chart. If the code could not be fetched, the next drawing tries again.
    pub draw: Draw,
    /// Saves a chart as a file.
    pub save_picture: fn(SavedPicture),
}
