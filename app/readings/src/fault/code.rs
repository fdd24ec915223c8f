//! [`Code`]: a closed list of everything that can go wrong anywhere.

use std::fmt;

use metertap_decoder::error::{CipherError, DialogueError, Error, FrameError, ParseError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

macro_rules! codes {
    ($code:ident { $($name:ident = $word:literal,)* }) => {
        /// What went wrong. Outside this program it is a stable dotted word; `app/locales` has the words for users.
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub enum $code {
            $(#[doc = concat!("`", $word, "`")] $name,)*
            /// A word of another version of this program, unknown to this one.
            Unknown(SmolStr),
        }

        impl $code {
            /// All known codes.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable dotted word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $word,)*
                    Self::Unknown(word) => word,
                }
            }
        }
    };
}

codes! {
    Code {
        // The decoder's codes.
        FrameChecksum = "frame.checksum",
        FrameChecksumMissing = "frame.checksum-missing",
        FrameTooLong = "frame.too-long",
        FrameTruncated = "frame.truncated",
        FrameMalformed = "frame.malformed",
        ParseTruncated = "parse.truncated",
        ParseTypeUnexpected = "parse.type-unexpected",
        ParseTooDeep = "parse.too-deep",
        ParseTooMany = "parse.too-many",
        ParseUnsupported = "parse.unsupported",
        ParseListUnknown = "parse.list-unknown",
        ParseLine = "parse.line",
        ParseLocked = "parse.locked",
        ParseRefused = "parse.refused",
        ParseException = "parse.exception",
        DialogueSilent = "dialogue.silent",
        DialogueDamaged = "dialogue.damaged",
        DialogueRefused = "dialogue.refused",
        DialogueOutOfTurn = "dialogue.out-of-turn",
        DialogueAnotherMaster = "dialogue.another-master",
        DialogueChangeover = "dialogue.changeover",
        CipherKeyMissing = "cipher.key-missing",
        CipherTagMismatch = "cipher.tag-mismatch",
        CipherKeyWrong = "cipher.key-wrong",
        CipherSuiteUnsupported = "cipher.suite-unsupported",
        CipherSystemTitle = "cipher.system-title",
        CipherTruncated = "cipher.truncated",
        // Codes of sources.
        SerialMissing = "serial.missing",
        SerialInsecure = "serial.insecure",
        SerialForbidden = "serial.forbidden",
        SerialFailed = "serial.failed",
        SerialNotChosen = "serial.not-chosen",
        PortBusy = "port.busy",
        PortGone = "port.gone",
        PortSilent = "port.silent",
        PortNoise = "port.noise",
        PortDoubted = "port.doubted",
        PortLineError = "port.line-error",
        BridgeAddress = "bridge.address",
        BridgeSilent = "bridge.silent",
        BridgeEnded = "bridge.ended",
        BusCrowded = "bus.crowded",
        MeterLocked = "meter.locked",
        MeterClosed = "meter.closed",
        MeterCorrections = "meter.corrections",
        ProgramNotBuilt = "program.not-built",
        RailUnknown = "rail.unknown",
        RailDoubtful = "rail.doubtful",
        SearchSilence = "search.silence",
        SearchNothing = "search.nothing",
        KeyForm = "key.form",
        SimulatorModelUnknown = "simulator.model-unknown",
        // Codes of files.
        FileNoTelegram = "file.no-telegram",
        FileGone = "file.gone",
        FileStopped = "file.stopped",
        FileNotWritten = "file.not-written",
        FileFlaw = "file.flaw",
        FileTooLarge = "file.too-large",
        FileUtf16 = "file.utf-16",
        ExportTooLarge = "export.too-large",
        ExportProgram = "export.program",
        ImportUnknown = "import.unknown",
        ImportOtherJson = "import.other-json",
        ImportTime = "import.time",
        ImportZone = "import.zone",
        ImportDates = "import.dates",
        ImportNumber = "import.number",
        ImportUnit = "import.unit",
        ImportStep = "import.step",
        ImportOrder = "import.order",
        ImportEmpty = "import.empty",
        ImportRegister = "import.register",
        ImportJson = "import.json",
        ImportTooLong = "import.too-long",
        ImportTooMany = "import.too-many",
        ImportOtherMeter = "import.other-meter",
        ImportVersion = "import.version",
        ImportMeterGone = "import.meter-gone",
        BackupForeign = "backup.foreign",
        BackupVersion = "backup.version",
        BackupTruncated = "backup.truncated",
        BackupChecksum = "backup.checksum",
        BackupMalformed = "backup.malformed",
        FolderPermission = "folder.permission",
        FolderGone = "folder.gone",
        FolderFull = "folder.full",
        FolderFailed = "folder.failed",
        CaptureUnsaved = "capture.unsaved",
        CaptureFull = "capture.full",
        CaptureBlind = "capture.blind",
        CaptureLeftOut = "capture.left-out",
        // Codes of the log and its clock.
        StoreFull = "store.full",
        StoreThinned = "store.thinned",
        StoreAged = "store.aged",
        StoreEvicted = "store.evicted",
        StoreMissing = "store.missing",
        StoreFailed = "store.failed",
        StoreClosed = "store.closed",
        StoreCleared = "store.cleared",
        StoreChecksum = "store.checksum",
        StoreForeign = "store.foreign",
        StoreMalformed = "store.malformed",
        StoreVersion = "store.version",
        StoreTooLarge = "store.too-large",
        ClockAhead = "clock.ahead",
        ClockZone = "clock.zone",
        ClockHours = "clock.hours",
        // Codes of this program's parts.
        EngineOtherTab = "engine.other-tab",
        EngineNoLocks = "engine.no-locks",
        EngineWatches = "engine.watches",
        EngineLeft = "engine.left",
        EngineOtherBuild = "engine.other-build",
        EnginePart = "engine.part",
        EngineHeldBack = "engine.held-back",
        EngineHeldOff = "engine.held-off",
        EngineUncovered = "engine.uncovered",
        EngineStopped = "engine.stopped",
        // Codes of the broker.
        BrokerUrl = "broker.url",
        BrokerOwnNetwork = "broker.own-network",
        BrokerMixedContent = "broker.mixed-content",
        BrokerUnreachable = "broker.unreachable",
        BrokerNoAnswer = "broker.no-answer",
        BrokerDropped = "broker.dropped",
        BrokerVersion = "broker.version",
        BrokerCredentials = "broker.credentials",
        BrokerClientId = "broker.client-id",
        BrokerBusy = "broker.busy",
        BrokerPublish = "broker.publish",
        BrokerQos = "broker.qos",
        BrokerRetain = "broker.retain",
        BrokerUnacknowledged = "broker.unacknowledged",
        BrokerLost = "broker.lost",
        BrokerSilent = "broker.silent",
        BrokerProtocol = "broker.protocol",
    }
}

impl Code {
    /// Whether it means that a telegram could not be decrypted.
    #[must_use]
    pub const fn is_of_cipher(&self) -> bool {
        matches!(
            self,
            Self::CipherKeyMissing
                | Self::CipherTagMismatch
                | Self::CipherKeyWrong
                | Self::CipherSuiteUnsupported
                | Self::CipherSystemTitle
                | Self::CipherTruncated
        )
    }
}

impl From<&str> for Code {
    fn from(word: &str) -> Self {
        let known = Self::ALL.iter().find(|code| code.as_str() == word);
        known.cloned().unwrap_or_else(|| Self::Unknown(word.into()))
    }
}

impl From<&Error> for Code {
    fn from(error: &Error) -> Self {
        match error {
            Error::Frame(error) => match error {
                FrameError::Checksum { .. } => Self::FrameChecksum,
                FrameError::ChecksumMissing => Self::FrameChecksumMissing,
                FrameError::TooLong { .. } => Self::FrameTooLong,
                FrameError::Truncated => Self::FrameTruncated,
                FrameError::Malformed(_) => Self::FrameMalformed,
            },
            Error::Cipher(error) => match error {
                CipherError::KeyMissing => Self::CipherKeyMissing,
                CipherError::TagMismatch => Self::CipherTagMismatch,
                CipherError::KeyWrong => Self::CipherKeyWrong,
                CipherError::SuiteUnsupported(_) => Self::CipherSuiteUnsupported,
                CipherError::SystemTitle { .. } => Self::CipherSystemTitle,
                CipherError::Truncated => Self::CipherTruncated,
            },
            Error::Parse(error) => match error {
                ParseError::Truncated => Self::ParseTruncated,
                ParseError::TypeUnexpected { .. } => Self::ParseTypeUnexpected,
                ParseError::TooDeep { .. } => Self::ParseTooDeep,
                ParseError::TooMany { .. } => Self::ParseTooMany,
                ParseError::Unsupported(_) => Self::ParseUnsupported,
                ParseError::ListUnknown { .. } => Self::ParseListUnknown,
                ParseError::Line => Self::ParseLine,
                ParseError::Locked => Self::ParseLocked,
                ParseError::Refused(_) => Self::ParseRefused,
                ParseError::Exception(_) => Self::ParseException,
            },
            Error::Dialogue(error) => match error {
                DialogueError::Silent { .. } => Self::DialogueSilent,
                DialogueError::Damaged { .. } => Self::DialogueDamaged,
                DialogueError::Refused => Self::DialogueRefused,
                DialogueError::OutOfTurn => Self::DialogueOutOfTurn,
                DialogueError::AnotherMaster => Self::DialogueAnotherMaster,
                DialogueError::Changeover => Self::DialogueChangeover,
                DialogueError::Closed => Self::MeterClosed,
            },
            Error::NotBuilt(_) => Self::ProgramNotBuilt,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|word| Self::from(word.as_str()))
    }
}
