//! The address of a broker or a bridge: its host, and whether a browser will refuse it.

use crate::fault::Code;

/// The host of a URL with any scheme: a name or an IP address.
#[must_use]
pub fn host(url: &str) -> &str {
    // Browsers treat slashes and backslashes alike, and accept any number of them, even none.
    let rest = url.split_once(':').map_or(url, |(_, rest)| rest.trim_start_matches(['/', '\\']));
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

/// Why the address will not work, or will work only with the user's permission. `None` if it works, and while it is
/// still being typed. `secure_page` says whether the page was loaded over https.
///
/// Browsers do not let https pages use `ws://` (W3C Mixed Content, 4.4), except to this computer. Some ask the user for
/// permission to reach other computers of the local network (WICG Local Network Access). They recognise such a computer
/// by its IP address, or by a name that ends in `.local`.
#[must_use]
pub fn objection(url: &str, secure_page: bool) -> Option<Code> {
    let url = url.trim().to_ascii_lowercase();
    let Some(rest) = url.strip_prefix("ws://") else {
        let begun = ["ws://", "wss://"].iter().any(|scheme| scheme.starts_with(&url));
        return (!begun && !url.starts_with("wss://")).then_some(Code::BrokerUrl);
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, literal) = match authority.strip_prefix('[') {
        Some(address) => (address.split(']').next().unwrap_or_default(), true),
        None => {
            let host = authority.split(':').next().unwrap_or_default();
            (host, host.split('.').all(|part| part.parse::<u8>().is_ok()))
        }
    };
    let here = matches!(host, "" | "localhost" | "::1")
        || host.ends_with(".localhost")
        || (literal && host.starts_with("127."));
    match (secure_page && !here, literal || host.ends_with(".local")) {
        (false, _) => None,
        (true, true) => Some(Code::BrokerOwnNetwork),
        (true, false) => Some(Code::BrokerMixedContent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_before_the_path_and_after_the_user() {
        for (url, expected) in [
            ("ws://pi:9001/mqtt", "pi"),
            ("wss://homeassistant.local:8123@evil.example:443/", "evil.example"),
            ("ws://evil.example/@homeassistant.local", "evil.example"),
            ("ws://evil.example\\@homeassistant.local", "evil.example"),
            ("WSS:evil.example", "evil.example"),
            ("ws:\\/evil.example", "evil.example"),
            ("ws://[fd00::5]:9001/", "fd00::5"),
            ("pi", "pi"),
            ("", ""),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn only_addresses_that_browsers_refuse_have_an_objection() {
        for (url, secure_page, verdict) in [
            ("wss://broker.example:8884/mqtt", true, None),
            ("ws://broker.example:9001", false, None),
            ("ws://broker.example:9001", true, Some("broker.mixed-content")),
            ("ws://192.168.1.5:9001", true, Some("broker.own-network")),
            ("ws://[fd00::5]:9001/mqtt", true, Some("broker.own-network")),
            ("ws://pi.local", true, Some("broker.own-network")),
            ("WS://Localhost:9001/", true, None),
            ("ws://127.0.0.1:9001", true, None),
            ("ws://[::1]:9001", true, None),
            ("ws://127.example", true, Some("broker.mixed-content")),
            ("ws://localhost.example", true, Some("broker.mixed-content")),
            ("mqtt://broker.example", false, Some("broker.url")),
            ("broker.example:9001", false, Some("broker.url")),
            // Still being typed.
            ("", true, None),
            ("ws", true, None),
            ("wss:/", true, None),
            ("ws://", true, None),
        ] {
            assert_eq!(objection(url, secure_page).as_ref().map(Code::as_str), verdict, "{url}");
        }
    }
}
