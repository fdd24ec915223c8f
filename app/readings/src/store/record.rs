//! [`Record`]: what lies beside the readings, each under a [`Name`].

use serde::{Deserialize, Serialize};

use super::{KeptOctets, MeterKey, MeterRecord};

/// Something that is kept under a name.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a house has a handful of meters, and each has one record")]
pub enum Record {
    /// What is known of a meter.
    Meter(MeterRecord),
    /// What a person has set: a name, and JSON.
    Setting(String, String),
    /// One of the log's or the installation's own, as JSON.
    Internal(Internal, String),
    /// How far a reader has come.
    Cursor(Cursor),
    /// Octets around a fault of a meter, numbered.
    Kept(MeterKey, u64, KeptOctets),
}

/// What a record is found under.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Name {
    /// Of a meter.
    Meter(MeterKey),
    /// Of a setting.
    Setting(String),
    /// Of a record of the log's own.
    Internal(Internal),
    /// Of a meter's reader.
    Cursor(MeterKey, String),
    /// Of a meter's octets.
    Kept(MeterKey, u64),
}

/// Records that belong together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Records {
    /// All meters.
    Meters,
    /// All settings.
    Settings,
    /// All of the log's own.
    Internal,
    /// All cursors.
    Cursors,
    /// The cursors of a meter.
    CursorsOf(MeterKey),
    /// The octets around a meter's faults.
    KeptOf(MeterKey),
}

/// The log's own records, which are nobody's to set. The list is closed: no name that comes from outside, out of a file
/// above all, can ever be one of theirs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Internal {
    /// The logs that were begun and never finished.
    Unfinished,
    /// What was imported.
    Imports,
    /// The zone whose days the log has.
    DaysZone,
    /// The name of this installation.
    Installation,
    /// The backup of every day.
    DailyBackup,
    /// What a person has confirmed of counters.
    Confirmed,
    /// What is certain of time.
    CertainTime,
    /// What began by itself and may end the page.
    Trials,
    /// Who writes, where nothing else says so.
    Writer,
    /// What was noticed.
    Notices,
    /// What a person has set of notices.
    NoticeLimits,
}

/// How far a reader of a meter's log has come.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cursor {
    /// Whose log.
    pub meter: MeterKey,
    /// Who reads.
    pub reader: String,
    /// The number of the last entry that the reader has done with.
    pub seq: u64,
}

impl Record {
    /// What it is found under.
    #[must_use]
    pub fn name(&self) -> Name {
        match self {
            Self::Meter(record) => Name::Meter(record.key.clone()),
            Self::Setting(name, _) => Name::Setting(name.clone()),
            Self::Internal(name, _) => Name::Internal(*name),
            Self::Cursor(cursor) => Name::Cursor(cursor.meter.clone(), cursor.reader.clone()),
            Self::Kept(meter, number, _) => Name::Kept(meter.clone(), *number),
        }
    }
}

impl Records {
    /// Whether the record of that name is one of them.
    #[must_use]
    pub fn contains(&self, name: &Name) -> bool {
        match (self, name) {
            (Self::Meters, Name::Meter(_))
            | (Self::Settings, Name::Setting(_))
            | (Self::Internal, Name::Internal(_))
            | (Self::Cursors, Name::Cursor(..)) => true,
            (Self::CursorsOf(meter), Name::Cursor(of, _)) | (Self::KeptOf(meter), Name::Kept(of, _)) => {
                meter == of
            }
            _ => false,
        }
    }
}

impl Internal {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Unfinished,
        Self::Imports,
        Self::DaysZone,
        Self::Installation,
        Self::DailyBackup,
        Self::Confirmed,
        Self::CertainTime,
        Self::Trials,
        Self::Writer,
        Self::Notices,
        Self::NoticeLimits,
    ];

    /// Its name in a database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Imports => "imports",
            Self::DaysZone => "days-zone",
            Self::Installation => "installation",
            Self::DailyBackup => "daily-backup",
            Self::Confirmed => "confirmed",
            Self::CertainTime => "certain-time",
            Self::Trials => "trials",
            Self::Writer => "writer",
            Self::Notices => "notices",
            Self::NoticeLimits => "notice-limits",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name)
    }
}
