//! [`Record`]: what is stored beside the readings, each record under a [`Name`].

use serde::{Deserialize, Serialize};

use super::{KeptOctets, MeterKey, MeterRecord};

/// A value that is stored under a name.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a house has a handful of meters, and each has one record")]
pub enum Record {
    /// What is known of a meter.
    Meter(MeterRecord),
    /// A user's setting: a name, and JSON.
    Setting(String, String),
    /// One of the log's own records, or the installation's, as text.
    Internal(Internal, String),
    /// How far a reader has come.
    Cursor(Cursor),
    /// Bytes of a meter that are kept for inspection, numbered.
    Kept(MeterKey, u64, KeptOctets),
}

/// The name of a record.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Name {
    /// The name of a meter.
    Meter(MeterKey),
    /// The name of a setting.
    Setting(String),
    /// The name of one of the log's own records.
    Internal(Internal),
    /// The name of a cursor: the meter and the reader.
    Cursor(MeterKey, String),
    /// The name of kept bytes: the meter and a number.
    Kept(MeterKey, u64),
}

/// A group of records.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Records {
    /// All meters.
    Meters,
    /// All settings.
    Settings,
    /// All of the log's own records.
    Internal,
    /// All cursors.
    Cursors,
    /// The cursors of a meter.
    CursorsOf(MeterKey),
    /// The bytes of a meter that are kept for inspection.
    KeptOf(MeterKey),
}

/// The log's own records. The list is closed: a name that comes from outside, above all from a file, can never be one
/// of these.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Internal {
    /// The logs that were begun and never finished, and replaced logs that still have rows.
    Unfinished,
    /// The finished imports.
    Imports,
    /// The zone that days were computed for.
    DaysZone,
    /// The id of this installation.
    Installation,
    /// The state of the daily backup.
    DailyBackup,
    /// The readings whose counters jumped and that the user has confirmed.
    Confirmed,
    /// The latest moment that has certainly been reached.
    CertainTime,
    /// The tasks that may have crashed the page: those that start by themselves, and imports.
    Trials,
    /// The number of the tab that writes, if tabs agree on it without the browser's locks.
    Writer,
    /// The notices so far.
    Notices,
    /// The limits that the user has set for notices.
    NoticeLimits,
}

/// How far a reader of a meter's log has come.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cursor {
    /// The meter whose log it is.
    pub meter: MeterKey,
    /// The reader's name.
    pub reader: String,
    /// The number of the last entry that the reader has processed.
    pub seq: u64,
}

impl Record {
    /// The name under which the record is stored.
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
    /// Whether the record with this name belongs to the group.
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

    /// The variant with this name in a database.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name)
    }
}
