//! The errors that windows show.

use metertap_decoder::address::Address;
use metertap_decoder::detection::Evidence;
use metertap_decoder::error::Error;
use metertap_decoder::session::Span;
use metertap_protocol::{Trouble, Unrecognised};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::log::journal::LogError;
use metertap_readings::stated::MOST_STATEMENTS;
use metertap_readings::store::DiskError;

use crate::platform::LineError;

/// Makes an error that occurred at that moment. `detail` says what was found, and where.
#[must_use]
pub fn trouble(code: Code, detail: impl Into<String>, at: Moment) -> Trouble {
    Trouble { code, detail: detail.into(), at }
}

/// The error for a part whose code could not be fetched.
#[must_use]
pub fn not_fetched(at: Moment) -> Trouble {
    trouble(Code::EnginePart, "", at)
}

/// The error for the bytes of `span`, which the decoder refused.
#[must_use]
pub fn refused(error: &Error, span: Span, at: Moment) -> Trouble {
    trouble(error.into(), format!("at byte {}, {error}", span.at), at)
}

/// The error for the bytes of `span`, which belong to no telegram.
#[must_use]
pub fn noise(span: Span, at: Moment) -> Trouble {
    trouble(
        Code::PortNoise,
        format!("at byte {}, {} bytes that belong to no telegram", span.at, span.length),
        at,
    )
}

/// The error for an address to which several meters answer.
#[must_use]
pub fn crowded(address: Address, at: Moment) -> Trouble {
    trouble(Code::BusCrowded, format!("address {address}"), at)
}

/// The error for a line that was disturbed repeatedly.
#[must_use]
pub fn disturbed(error: LineError, at: Moment) -> Trouble {
    let what = match error {
        LineError::Overrun => "bytes came faster than they were read",
        LineError::Break => "the line is held at zero",
        LineError::Framing => "a character without its stop bit",
        LineError::Parity => "a wrong parity bit",
        LineError::Unknown => "an error that the operating system does not name",
    };
    trouble(Code::PortLineError, what, at)
}

/// The error for a port at which the detection has tried everything without finding a reading.
#[must_use]
pub fn not_found(evidence: &Evidence, at: Moment) -> Trouble {
    let Evidence { bytes, disturbances, fault } = evidence;
    let code = match (bytes, disturbances, fault) {
        (0, 0, _) => Code::SearchSilence,
        _ => Code::SearchNothing,
    };
    let last = fault.map(|fault| format!(", the last frame: {fault}")).unwrap_or_default();
    trouble(code, format!("{bytes} bytes, {disturbances} errors on the line{last}"), at)
}

/// The error for a Modbus meter that answers, but does not say which model it is.
#[must_use]
pub fn unrecognised_meter(unrecognised: &Unrecognised, at: Moment) -> Trouble {
    let Unrecognised { like, address, line } = unrecognised;
    let place = format!("address {address}, {line}");
    match like {
        Some((_, title)) => trouble(Code::RailDoubtful, format!("{place}; it seems to be {title}"), at),
        None => trouble(Code::RailUnknown, place, at),
    }
}

/// The error for an operation that the log could not carry out.
#[must_use]
pub fn not_kept(error: &LogError, at: Moment) -> Trouble {
    let code = match error {
        LogError::Disk(DiskError::Full) => Code::StoreFull,
        LogError::Disk(DiskError::Closed) => Code::StoreClosed,
        LogError::Newer(_) | LogError::Disk(DiskError::Newer) => Code::StoreVersion,
        LogError::TooLarge => Code::StoreTooLarge,
        LogError::Disk(DiskError::Unavailable | DiskError::Taken | DiskError::Failed(_)) => Code::StoreFailed,
    };
    trouble(code, error.to_string(), at)
}

/// The error for a correction of a meter that already has as many as it can have.
#[must_use]
pub fn too_many_corrections(at: Moment) -> Trouble {
    trouble(Code::MeterCorrections, format!("a meter has at most {MOST_STATEMENTS}"), at)
}

/// The error for a log that the browser has cleared. `gone` names the readings that are lost.
#[must_use]
pub fn cleared(gone: &[String], at: Moment) -> Trouble {
    trouble(
        Code::StoreCleared,
        if gone.is_empty() { "no reading is gone".to_owned() } else { gone.join("; ") },
        at,
    )
}

/// Whether the log may take the next reading, although it did not take this one.
#[must_use]
pub const fn is_passing(code: &Code) -> bool {
    matches!(code, Code::StoreFull | Code::StoreClosed | Code::StoreFailed | Code::StoreTooLarge)
}

/// Whether the error keeps a source from opening, and is over once the source is open.
#[must_use]
pub const fn is_of_opening(code: &Code) -> bool {
    matches!(
        code,
        Code::PortBusy | Code::PortGone | Code::BridgeAddress | Code::BridgeSilent | Code::BridgeEnded
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_too_large_for_a_row_has_its_own_error() {
        let trouble = not_kept(&LogError::TooLarge, Moment(0));
        assert_eq!(trouble.code, Code::StoreTooLarge);
        assert!(is_passing(&trouble.code), "the next reading may be smaller");
    }
}
