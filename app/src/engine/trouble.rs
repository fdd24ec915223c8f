//! What can go wrong with a meter, as the window is told.

use metertap_decoder::address::Address;
use metertap_decoder::detection::Evidence;
use metertap_decoder::error::Error;
use metertap_decoder::session::Span;
use metertap_readings::fault::Code;

use super::extract_error::ExtractError;
use super::source::{LineError, NotOpen};
use super::time::this_moment;
use crate::protocol::Trouble;
use metertap_readings::log::journal::LogError;
use metertap_readings::store::DiskError;

/// A trouble of this moment.
pub(crate) fn trouble(code: Code, detail: impl Into<String>) -> Trouble {
    Trouble { code, detail: detail.into(), at: this_moment() }
}

/// The decoder refused octets.
pub(crate) fn refused(error: &Error, span: Span) -> Trouble {
    trouble(error.into(), format!("at octet {}, {error}", span.at))
}

/// Octets came that belong to no telegram.
pub(crate) fn noise(span: Span) -> Trouble {
    trouble(
        Code::PortNoise,
        format!("at octet {}, {} octets that belong to no telegram", span.at, span.length),
    )
}

/// A port would not open.
pub(crate) fn not_open(why: &NotOpen) -> Trouble {
    match why {
        NotOpen::Absent => trouble(Code::PortGone, "no port of this adapter is plugged in and allowed"),
        NotOpen::Blocked(name) => {
            trouble(Code::PortBusy, format!("the browser could not open the port: {name}"))
        }
        NotOpen::AddressRefused(url) => {
            trouble(Code::BridgeAddress, format!("the browser does not try {url}"))
        }
        NotOpen::Unreachable(url) => {
            trouble(Code::BridgeSilent, format!("nobody accepts a connection at {url}"))
        }
    }
}

/// Several meters answer to one address.
pub(crate) fn crowded(address: Address) -> Trouble {
    trouble(Code::BusCrowded, format!("address {address}"))
}

/// The line is disturbed, again and again.
pub(crate) fn disturbed(error: LineError) -> Trouble {
    let what = match error {
        LineError::Overrun => "octets came faster than they were taken",
        LineError::Break => "the line is held at zero",
        LineError::Framing => "a character without its stop bit",
        LineError::Parity => "a parity bit that does not fit",
        LineError::Unknown => "an error that the operating system did not name",
    };
    trouble(Code::PortLineError, what)
}

/// A file of readings could not be written.
pub(crate) fn not_saved(error: ExtractError) -> Trouble {
    match error {
        ExtractError::Failed(why) => trouble(Code::FileNotWritten, why),
        ExtractError::Closed => not_kept(&DiskError::Closed.into()),
        ExtractError::TooLarge => trouble(Code::ExportTooLarge, "rows or cells"),
        ExtractError::NotLoaded => trouble(Code::ExportProgram, "its worker does not answer"),
    }
}

/// Everything was tried, and nothing made a reading.
pub(crate) fn not_found(evidence: &Evidence) -> Trouble {
    let Evidence { octets, disturbances, fault } = evidence;
    let code = match (octets, disturbances, fault) {
        (0, 0, _) => Code::SearchSilence,
        _ => Code::SearchNothing,
    };
    let last = fault.map(|fault| format!(", the last frame: {fault}")).unwrap_or_default();
    trouble(code, format!("{octets} octets, {disturbances} errors on the line{last}"))
}

/// The log did not take a reading.
pub(crate) fn not_kept(error: &LogError) -> Trouble {
    let code = match error {
        LogError::Disk(DiskError::Full) => Code::StoreFull,
        LogError::Disk(DiskError::Closed) => Code::StoreClosed,
        LogError::Newer(_) | LogError::Disk(DiskError::Newer) => Code::StoreVersion,
        LogError::TooLarge
        | LogError::Disk(DiskError::Unavailable | DiskError::Taken | DiskError::Failed(_)) => {
            Code::StoreFailed
        }
    };
    trouble(code, error.to_string())
}

/// The browser has cleared the log: these readings are gone.
pub(crate) fn cleared(gone: &[String]) -> Trouble {
    trouble(
        Code::StoreCleared,
        if gone.is_empty() { "no reading is gone".to_owned() } else { gone.join("; ") },
    )
}

/// Whether the log takes no reading now, and may take the next one.
pub(crate) const fn is_passing(code: &Code) -> bool {
    matches!(code, Code::StoreFull | Code::StoreClosed | Code::StoreFailed)
}

/// Whether it keeps a source from opening, and is over as soon as that is open.
pub(crate) const fn is_of_opening(code: &Code) -> bool {
    matches!(code, Code::PortBusy | Code::PortGone | Code::BridgeAddress | Code::BridgeSilent)
}
