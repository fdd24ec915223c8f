//! What can go wrong with a meter, as the window is told; `readings::fault` puts the codes into words.

use metertap_decoder::address::Address;
use metertap_decoder::detection::Evidence;
use metertap_decoder::error::Error;
use metertap_decoder::session::Span;

use super::extract_error::ExtractError;
use super::source::{LineError, NotOpen};
use super::time::this_moment;
use crate::browser::indexed_db::DatabaseError;
use crate::protocol::Trouble;

/// A trouble of this moment.
pub(crate) fn trouble(code: &str, detail: impl Into<String>) -> Trouble {
    Trouble { code: code.to_owned(), detail: detail.into(), at: this_moment() }
}

/// The decoder refused octets.
pub(crate) fn refused(error: &Error, span: Span) -> Trouble {
    trouble(error.code(), format!("at octet {}, {error}", span.at))
}

/// Octets came that belong to no telegram.
pub(crate) fn noise(span: Span) -> Trouble {
    trouble(NOISE, format!("at octet {}, {} octets that belong to no telegram", span.at, span.length))
}

/// A port would not open.
pub(crate) fn not_open(why: &NotOpen) -> Trouble {
    match why {
        NotOpen::Absent => trouble(GONE, "no port of this adapter is plugged in and allowed"),
        NotOpen::Blocked(name) => trouble(BUSY, format!("the browser could not open the port: {name}")),
        NotOpen::AddressRefused(url) => trouble(BRIDGE_ADDRESS, format!("the browser does not try {url}")),
        NotOpen::Unreachable(url) => trouble(BRIDGE_SILENT, format!("nobody accepts a connection at {url}")),
    }
}

/// Several meters answer to one address.
pub(crate) fn crowded(address: Address) -> Trouble {
    trouble(CROWDED, format!("address {address}"))
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
    trouble(LINE_ERROR, what)
}

/// A file of readings could not be written.
pub(crate) fn not_saved(error: ExtractError) -> Trouble {
    match error {
        ExtractError::Failed(why) => trouble(NOT_WRITTEN, why),
        ExtractError::Closed => not_kept(&DatabaseError::Closed),
        ExtractError::TooLarge => trouble("export.too-large", "rows or cells"),
        ExtractError::NotLoaded => trouble("export.program", "its worker does not answer"),
    }
}

/// Everything was tried, and nothing made a reading.
pub(crate) fn not_found(evidence: &Evidence) -> Trouble {
    let Evidence { octets, disturbances, fault } = evidence;
    let code = match (octets, disturbances, fault) {
        (0, 0, _) => FOUND_SILENCE,
        _ => FOUND_NOTHING,
    };
    let last = fault.map(|fault| format!(", the last frame: {fault}")).unwrap_or_default();
    trouble(code, format!("{octets} octets, {disturbances} errors on the line{last}"))
}

/// The log did not take a reading.
pub(crate) fn not_kept(error: &DatabaseError) -> Trouble {
    let code = match error {
        DatabaseError::Full => FULL,
        DatabaseError::Closed => CLOSED,
        DatabaseError::Newer => "store.version",
        DatabaseError::Unavailable | DatabaseError::Failed(_) => FAILED,
    };
    trouble(code, error.to_string())
}

/// The browser has cleared the log: these readings are gone.
pub(crate) fn cleared(gone: &[String]) -> Trouble {
    trouble(CLEARED, if gone.is_empty() { "no reading is gone".to_owned() } else { gone.join("; ") })
}

/// The browser gives no more storage.
pub(crate) const FULL: &str = "store.full";
/// The browser refused a reading, and did not say that it is full.
pub(crate) const FAILED: &str = "store.failed";
/// The browser has taken the log away in the middle of something.
pub(crate) const CLOSED: &str = "store.closed";
/// Why the log takes no reading now, and may take the next one.
pub(crate) const PASSING: [&str; 3] = [FULL, CLOSED, FAILED];
/// The browser has cleared the log under the open page.
const CLEARED: &str = "store.cleared";
/// Another tab writes the log.
pub(crate) const WATCHES: &str = "engine.watches";
/// The oldest readings made room for new ones.
pub(crate) const THINNED: &str = "store.thinned";
/// All settings and questions were tried, and not an octet was heard.
pub(crate) const FOUND_SILENCE: &str = "search.silence";
/// All settings and questions were tried, and none made sense of what was heard.
pub(crate) const FOUND_NOTHING: &str = "search.nothing";
/// A key is no key.
pub(crate) const NOT_A_KEY: &str = "key.form";
/// Another program has the port, or this one may not have it.
pub(crate) const BUSY: &str = "port.busy";
/// The adapter is not plugged in.
pub(crate) const GONE: &str = "port.gone";
/// The browser refuses the address of a bridge.
pub(crate) const BRIDGE_ADDRESS: &str = "bridge.address";
/// A bridge does not answer.
pub(crate) const BRIDGE_SILENT: &str = "bridge.silent";
/// Several meters on a bus have one address.
pub(crate) const CROWDED: &str = "bus.crowded";
/// What keeps a source from opening: over as soon as it is open.
pub(crate) const OPENING: [&str; 4] = [BUSY, GONE, BRIDGE_ADDRESS, BRIDGE_SILENT];
/// Nothing is heard.
pub(crate) const SILENT: &str = "port.silent";
/// Something is heard, and it is no telegram.
pub(crate) const NOISE: &str = "port.noise";
/// The line is disturbed.
pub(crate) const LINE_ERROR: &str = "port.line-error";
/// Nothing in a file is a telegram.
pub(crate) const NO_TELEGRAM: &str = "file.no-telegram";
/// A file says that it is a capture, and is none.
pub(crate) const FILE_FLAW: &str = "file.flaw";
/// A file could not be written.
pub(crate) const NOT_WRITTEN: &str = "file.not-written";
/// A capture could not be made into a file.
pub(crate) const CAPTURE_UNSAVED: &str = "capture.unsaved";
/// No simulated meter has that name.
pub(crate) const MODEL_UNKNOWN: &str = "simulator.model-unknown";
