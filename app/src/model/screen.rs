//! [`Screen`]: the screen that the user sees.

use crate::texts;
use metertap_readings::store::MeterKey;

/// The screen that the user sees.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Screen {
    /// The meters' current values.
    #[default]
    Live,
    /// The meters' past values. The text is the rest of the address, which names the meter and the time.
    History(String),
    /// All meters and their settings.
    Meters,
    /// Connecting another meter.
    Connect,
    /// Saving the log as a file, and importing files.
    Data,
    /// The broker.
    Forward,
    /// The notices.
    Notices,
    /// The bytes that are kept of a meter.
    Octets(MeterKey),
}

impl Screen {
    /// The screen of an address such as `#/data`; for any unknown address, [`Screen::Live`].
    #[must_use]
    pub fn of_hash(hash: &str) -> Self {
        let path = hash.strip_prefix("#/").unwrap_or_default();
        match path.split_once('/').unwrap_or((path, "")) {
            ("octets", key) if !key.is_empty() => Self::Octets(MeterKey(key.to_owned())),
            ("history", view) => Self::History(view.to_owned()),
            (name, "") => {
                let mut named = Self::MAIN.into_iter().chain(Self::OTHERS);
                named.find(|screen| screen.name() == name).unwrap_or_default()
            }
            _ => Self::Live,
        }
    }

    /// The address of the screen.
    #[must_use]
    pub fn hash(&self) -> String {
        match self {
            Self::Octets(MeterKey(key)) => format!("#/octets/{key}"),
            Self::History(view) if !view.is_empty() => format!("#/history/{view}"),
            _ => format!("#/{}", self.name()),
        }
    }

    /// The screen's name in one word, which is also its address.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::History(_) => "history",
            Self::Meters => "meters",
            Self::Connect => "connect",
            Self::Data => "data",
            Self::Forward => "forward",
            Self::Notices => "notices",
            Self::Octets(_) => "octets",
        }
    }

    /// The screen's title.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Live => texts::frame::live(),
            Self::History(_) => texts::frame::history(),
            Self::Meters => texts::frame::meters(),
            Self::Connect => texts::frame::connect(),
            Self::Data => texts::frame::data(),
            Self::Forward => texts::frame::forward(),
            Self::Notices => texts::shell::notices(),
            Self::Octets(_) => texts::shell::octets(),
        }
    }

    /// The screens in the navigation, in this order; `index.html` lists the same ones.
    pub const MAIN: [Self; 6] =
        [Self::Live, Self::History(String::new()), Self::Meters, Self::Connect, Self::Data, Self::Forward];

    /// The screens that are opened from elsewhere, and whose address is their name alone.
    pub const OTHERS: [Self; 1] = [Self::Notices];
}
