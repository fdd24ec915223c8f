//! [`Evidence`]: what meters sent, what windows were told, and what was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use crate::logs::clock;

/// What meters sent, what windows were told, and what was kept.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What meters sent: by identification and time, the registers with their values.
    pub said: BTreeMap<(String, String), BTreeMap<String, String>>,
    /// What windows were told.
    pub told: Vec<Told>,
    /// What notices report as lost: `NAME: N readings from MOMENT to MOMENT`, several separated by `; `.
    pub notices: Vec<String>,
    /// The names that notices may use for meters, each with the name of the meter's log.
    pub names: BTreeSet<(String, String)>,
    /// The logs as JSON Lines, by their names.
    pub logs: BTreeMap<String, String>,
    /// The logs as tables of quarters or days, by their names.
    pub tables: Vec<(String, String)>,
}

/// A reading that a window was told about. From then on, the reading must not be lost.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Told {
    /// The name of the log.
    pub log: String,
    /// The number of the reading in that log.
    pub seq: u64,
    /// When the reading was received, in RFC 3339.
    pub received: String,
    /// The meter's identification.
    pub meter: String,
    /// The time on the meter's clock.
    pub time: String,
}

impl Evidence {
    /// Adds what a meter sent: its registers and their values.
    pub fn say(&mut self, meter: &str, time: &str, values: impl IntoIterator<Item = (String, String)>) {
        self.said.insert((meter.to_owned(), clock(time).to_owned()), values.into_iter().collect());
    }

    /// Reads a folder. `said.tsv` has identification and time, then pairs of register and value. `told.tsv` has log,
    /// number, received, identification and time. `names.tsv` has name and log. There are also `notices.txt`, a
    /// `LOG.jsonl` for each log, and any number of tables named `LOG.ANYTHING.csv`.
    ///
    /// # Errors
    /// If a file cannot be read, or a line is malformed.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let mut evidence = Self::default();
        let malformed = |line: &str| io::Error::other(format!("unexpected line: {line}"));
        for line in fs::read_to_string(folder.join("said.tsv"))?.lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let [meter, time, values @ ..] = &cells[..] else { return Err(malformed(line)) };
            let (pairs, _) = values.as_chunks::<2>();
            evidence.say(
                meter,
                time,
                pairs.iter().map(|[name, value]| ((*name).to_owned(), (*value).to_owned())),
            );
        }
        for line in fs::read_to_string(folder.join("told.tsv"))?.lines() {
            let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            let Ok([log, seq, received, meter, time]) = <[String; 5]>::try_from(cells) else {
                return Err(malformed(line));
            };
            let seq = seq.parse().map_err(|_| malformed(line))?;
            evidence.told.push(Told { log, seq, received, meter, time });
        }
        for line in fs::read_to_string(folder.join("names.tsv"))?.lines() {
            let (name, log) = line.split_once('\t').ok_or_else(|| malformed(line))?;
            evidence.names.insert((name.to_owned(), log.to_owned()));
        }
        evidence.notices =
            fs::read_to_string(folder.join("notices.txt"))?.lines().map(str::to_owned).collect();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if let Some(log) = name.strip_suffix(".jsonl") {
                evidence.logs.insert(log.to_owned(), fs::read_to_string(&path)?);
            } else if let Some((log, _)) = name.split_once('.').filter(|_| name.ends_with(".csv")) {
                evidence.tables.push((log.to_owned(), fs::read_to_string(&path)?));
            }
        }
        Ok(evidence)
    }
}
