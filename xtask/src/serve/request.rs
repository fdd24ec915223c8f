//! A request: its target, and what the browser has and accepts.

use std::{
    io::{self, ErrorKind, Read},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

#[derive(Debug)]
pub(super) struct Request {
    head: String,
}

impl Request {
    /// Reads up to the empty line. Returns `None` if the browser or the server ended first, or if the head is too long
    /// or took too long.
    pub(super) fn read(stream: &mut TcpStream, stopped: &AtomicBool) -> io::Result<Option<Self>> {
        stream.set_read_timeout(Some(STOP_IS_SEEN_WITHIN))?;
        let (mut head, begun) = (Vec::new(), Instant::now());
        let mut part = [0; 4096];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut part) {
                Ok(0) => return Ok(None),
                Ok(count) => head.extend(part.iter().take(count)),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            let is_too_much = head.len() > LONGEST_HEAD || begun.elapsed() > LONGEST_WAIT;
            if stopped.load(Ordering::Relaxed) || is_too_much {
                return Ok(None);
            }
        }
        Ok(Some(Self { head: String::from_utf8_lossy(&head).into_owned() }))
    }

    pub(super) fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }

    pub(super) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// Whether the browser accepts that coding (RFC 9110, clause 12.5.3).
    pub(super) fn takes(&self, wanted: &str) -> bool {
        self.listed("accept-encoding").any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().trim_start_matches("q=").parse();
            name.trim().eq_ignore_ascii_case(wanted) && weight.is_ok_and(|weight: f32| weight > 0.0)
        })
    }

    /// Whether the browser states that it has this content already (RFC 9110, clause 13.1.2, with weak comparison).
    pub(super) fn knows(&self, tag: &str) -> bool {
        self.listed("if-none-match").any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    }

    /// The elements of a header whose value is a list.
    fn listed<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let values = lines.filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        values.flat_map(|value| value.split(',')).map(str::trim)
    }
}

const LONGEST_HEAD: usize = 16 * 1024;
/// How long a connection may stay idle. A browser that opened one in advance opens another if it needs it later.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(60);

const STOP_IS_SEEN_WITHIN: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_to_clients_that_accept_it() {
        let takes = |header: &str| request(header).takes("gzip");
        assert!(takes("Accept-Encoding: gzip, deflate, br, zstd"));
        assert!(takes("accept-encoding: br;q=1.0, GZIP;q=0.8, *;q=0.1"));
        assert!(!takes("Accept-Encoding: br, gzip;q=0"));
        assert!(!takes("Accept-Encoding: identity"));
        assert!(!takes("Accept: gzip"));
    }

    #[test]
    fn a_cached_file_matches_any_of_the_tags() {
        let knows = |header: &str| request(header).knows("\"abc\"");
        assert!(knows("If-None-Match: \"abc\""));
        assert!(knows("If-None-Match: \"x\", W/\"abc\""));
        assert!(knows("If-None-Match: *"));
        assert!(!knows("If-None-Match: \"abcd\""));
        assert!(!knows("If-Match: \"abc\""));
    }

    fn request(header: &str) -> Request {
        Request { head: format!("GET /a HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n") }
    }
}
