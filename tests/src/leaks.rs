//! Searches everything that leaves the machine for the identifications of the meter.

use std::collections::BTreeSet;

use metertap_decoder::reading::Reading;
use metertap_decoder::session::Setup;
use metertap_readings::broker::forward::Settings;
use metertap_readings::broker::profile::Profile;
use metertap_readings::files::capture::{Capture, Head, redacted};
use metertap_readings::names::topic;

use crate::spelled::{Haystack, identifications, spellings};
use crate::{decode, outgoing, readings};

/// Telegrams of a meter.
pub struct Case {
    /// The name to report if something leaks.
    pub name: String,
    /// The setup of the session that reads the telegrams.
    pub setup: Setup,
    /// The bytes as they came over the line.
    pub bytes: Vec<u8>,
}

/// The result of a search.
pub struct Leaks {
    /// The name of the case.
    pub name: String,
    /// Whether there was an identification to search for, and a reading to search.
    pub searched: bool,
    /// A description of each leak.
    pub found: Vec<String>,
}

impl Case {
    /// The readings of the telegrams.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        readings(&decode(&self.setup, &self.bytes)).into_iter().cloned().collect()
    }

    /// Searches for all identifications that the telegrams contain, and for those in `stated`, which the source of the
    /// telegrams states.
    #[must_use]
    pub fn leaks(&self, stated: &BTreeSet<String>) -> Leaks {
        let told = self.readings().iter().flat_map(identifications).collect();
        self.leaks_of(&(stated | &told))
    }

    /// Searches for these identifications in what goes to a broker, at once or later, and in a redacted capture.
    #[must_use]
    pub fn leaks_of(&self, numbers: &BTreeSet<String>) -> Leaks {
        let readings = self.readings();
        let numbers: Vec<&String> = numbers.iter().filter(|number| !spellings(number).is_empty()).collect();
        let Some(protocol) = readings.first().map(|reading| reading.protocol).filter(|_| !numbers.is_empty())
        else {
            return Leaks { name: self.name.clone(), searched: false, found: Vec::new() };
        };
        let head = Head { protocol: Some(protocol), keys: self.setup.keys.clone(), ..Head::default() };
        let capture = Capture { head, ..Capture::of_bytes(self.bytes.clone()) };
        let (capture, _) = redacted(&capture, &self.setup, &[]);
        let settings = settings(&readings, None);
        let outgoing = [
            ("live", outgoing::sent(&settings, &readings, 0)),
            ("history", outgoing::sent(&settings, &readings, readings.len())),
            ("capture", capture.heard()),
            ("capture as a file", capture.to_text().into_bytes()),
        ];
        let mut leaks = Vec::new();
        for (what, bytes) in outgoing {
            let bytes = Haystack::new(&bytes);
            let found =
                |number: &String| Some(format!("{}, {what}: {number} as {}", self.name, bytes.has(number)?));
            leaks.extend(numbers.iter().copied().filter_map(found));
        }
        Leaks { name: self.name.clone(), searched: true, found: leaks }
    }
}

/// The settings of a forwarder, as the engine makes them for a meter that the user has not named. `remembered` is the
/// identification in the meter's record, if an earlier session stored one.
#[must_use]
pub fn settings(readings: &[Reading], remembered: Option<&str>) -> Settings {
    let maker = readings.iter().rev().find_map(|reading| reading.maker.as_deref());
    let meter = readings.iter().find_map(|reading| reading.meter.as_deref());
    let topic = topic("", maker, meter, &[]).unwrap_or_else(|| "hall".into());
    Settings {
        profile: Profile { base: "meters".into(), topic, identified: false },
        identification: remembered.map(String::from),
        installation: "here".into(),
        user: String::new(),
        password: String::new(),
        app: "0.1.0".into(),
    }
}
