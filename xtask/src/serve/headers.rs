//! What the server says with the files besides what they are.

use super::file::HTML;

/// What a host says with its files.
#[derive(Clone, Copy, Debug)]
pub enum Headers {
    /// What a real host should send.
    All,
    /// Nothing, as hosts do that cannot be told.
    None,
    /// This policy with pages, and nothing with scripts.
    PagesOnly(&'static str),
}

impl Headers {
    /// Those for a file of that kind.
    pub(super) fn of(self, kind: &str) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::All => HEADERS.to_vec(),
            Self::PagesOnly(policy) if kind == HTML => vec![(POLICY, policy)],
            Self::None | Self::PagesOnly(_) => Vec::new(),
        }
    }
}

/// The policy of the page, in full. `index.html` says the same in a meta element for hosts that send no headers,
/// except for `frame-ancestors`, which browsers hear only here.
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
    fn the_page_says_the_same_policy_as_the_server() {
        let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../index.html")).unwrap();
        let meta = CONTENT_SECURITY_POLICY.trim_end_matches("; frame-ancestors 'none'");
        assert!(page.contains(&format!("http-equiv=\"Content-Security-Policy\" content=\"{meta}\"")));
    }
}
