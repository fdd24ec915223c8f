//! The headers that the server sends in addition to those that describe the file.

use super::file::HTML;

/// The additional headers of a host.
#[derive(Clone, Copy, Debug)]
pub enum Headers {
    /// All headers that a real host should send.
    All,
    /// None, as on hosts that cannot be configured.
    None,
    /// This policy with pages, and nothing with all other files.
    PagesOnly(&'static str),
}

impl Headers {
    /// The headers for a file of that media type.
    pub(super) fn of(self, kind: &str) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::All => HEADERS.to_vec(),
            Self::PagesOnly(policy) if kind == HTML => vec![(POLICY, policy)],
            Self::None | Self::PagesOnly(_) => Vec::new(),
        }
    }
}

/// The full policy of the page. `index.html` states the same policy in a meta element, for hosts that send no headers.
/// Only `frame-ancestors` is missing there, because browsers accept it only in a header.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self' blob:; manifest-src 'self'; \
    connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const POLICY: &str = "Content-Security-Policy";

const HEADERS: [(&str, &str); 5] = [
    (POLICY, CONTENT_SECURITY_POLICY),
    (
        "Permissions-Policy",
        "serial=(self), screen-wake-lock=(self), camera=(), geolocation=(), microphone=()",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_page_states_the_same_policy_as_the_server() {
        let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../index.html")).unwrap();
        let meta = CONTENT_SECURITY_POLICY.trim_end_matches("; frame-ancestors 'none'");
        assert!(page.contains(&format!("http-equiv=\"Content-Security-Policy\" content=\"{meta}\"")));
    }
}
