//! [`Screen`]: where in the page the person is.

use metertap_readings::store::MeterKey;

/// Where in the page the person is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Screen {
    /// What the meters say now.
    #[default]
    Live,
    /// What the meters said on days gone by: which meter, which time, as in the address.
    History(String),
    /// All meters and what can be set of each.
    Meters,
    /// Another meter.
    Connect,
    /// The log as a file.
    Data,
    /// The broker.
    Forward,
    /// What was noticed.
    Notices,
    /// The octets that were kept of a meter.
    Octets(MeterKey),
}

impl Screen {
    /// The screen of an address such as `#/data`; anything unknown is the first.
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

    /// The screen in one word, which is its address as well.
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

    /// What people call it.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::History(_) => "History",
            Self::Meters => "Meters",
            Self::Connect => "Connect",
            Self::Data => "Data",
            Self::Forward => "Forward",
            Self::Notices => "Notices",
            Self::Octets(_) => "Octets",
        }
    }

    /// Those of the navigation, in its order; `index.html` has the same.
    pub const MAIN: [Self; 6] =
        [Self::Live, Self::History(String::new()), Self::Meters, Self::Connect, Self::Data, Self::Forward];

    /// Those that are opened from elsewhere, and whose address is their name alone.
    pub const OTHERS: [Self; 1] = [Self::Notices];
}
