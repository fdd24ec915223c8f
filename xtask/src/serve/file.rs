//! A file of the build as an answer: its type, its lifetime in a cache, its tag, and its compressed form.
//!
//! Each request reads the file again, because a build may replace it at any time. The tag is a hash of the content (RFC
//! 9110, clause 8.8.3). A browser that already has this content is not sent it again.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use super::request::Request;

#[derive(Debug)]
pub(super) struct File {
    pub(super) kind: &'static str,
    pub(super) cache: &'static str,
    pub(super) body: Vec<u8>,
    hash: [u8; 32],
    packs: bool,
    /// The content compressed with brotli, if such a file lies beside it.
    brotli: Option<Vec<u8>>,
}

impl File {
    /// The file that the target of a request names, if the folder has it.
    pub(super) fn find(folder: &Path, target: &str) -> Option<Self> {
        let path = target.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
        let path = PathBuf::from(if path.is_empty() { "index.html" } else { path });
        let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        let body = inside.then(|| fs::read(folder.join(&path)).ok())??;
        let (kind, packs) = kind(&path);
        let brotli = fs::read(folder.join(&path).with_added_extension(BROTLI)).ok();
        Some(Self { kind, cache: cache(&path), hash: Sha256::digest(&body).into(), packs, body, brotli })
    }

    /// The same file with its content changed.
    pub(super) fn with(self, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        let body = change(&self.body);
        Self { hash: Sha256::digest(&body).into(), body, brotli: None, ..self }
    }

    /// The entity tag of this content. The compressed form is another representation and has another tag.
    pub(super) fn tag(&self, coding: Option<&str>) -> String {
        let hash: String = self.hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let packed = coding.map(|coding| format!("-{coding}")).unwrap_or_default();
        format!("\"{hash}{packed}\"")
    }

    /// The coding to answer the request with. `None` means uncompressed.
    pub(super) fn coding(&self, request: &Request) -> Option<&'static str> {
        let packs = [(BROTLI, self.brotli.is_some()), (GZIP, self.packs())];
        packs.into_iter().find(|(coding, can)| *can && request.takes(coding)).map(|(coding, _)| coding)
    }

    pub(super) fn coded(&self, coding: Option<&str>) -> Cow<'_, [u8]> {
        match (coding, &self.brotli) {
            (Some(BROTLI), Some(brotli)) => brotli.into(),
            (Some(_), _) => self.packed().to_vec().into(),
            (None, _) => (&self.body).into(),
        }
    }

    /// Whether to compress the file. PNG pictures are compressed already, and small files fit into one packet anyway.
    pub(super) fn packs(&self) -> bool {
        self.packs && self.body.len() >= SMALLEST_PACKED
    }

    /// The content as gzip. It is compressed once, however many sites of this process serve the file.
    fn packed(&self) -> Packed {
        let mut all = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(packed) = all.get(&self.hash) {
            return Arc::clone(packed);
        }
        if all.len() >= MOST_PACKED {
            all.clear();
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let packed = encoder.write_all(&self.body).and_then(|()| encoder.finish()).unwrap_or_default();
        let packed = Arc::new(packed);
        all.insert(self.hash, Arc::clone(&packed));
        packed
    }
}

/// The media type, and whether the file is text or code, which compresses well.
fn kind(path: &Path) -> (&'static str, bool) {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("css") => ("text/css; charset=utf-8", true),
        Some("html") => (HTML, true),
        Some("js") => ("text/javascript; charset=utf-8", true),
        Some("json") => ("application/json", true),
        Some("png") => ("image/png", false),
        Some("svg") => ("image/svg+xml", true),
        Some("txt") => ("text/plain; charset=utf-8", true),
        Some("wasm") => ("application/wasm", true),
        Some("webmanifest") => ("application/manifest+json", true),
        _ => ("application/octet-stream", false),
    }
}

/// The cache policy. A file named by its content never changes. A browser must ask for any other file each time.
fn cache(path: &Path) -> &'static str {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    if hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// The codings, by the names of RFC 9110, clause 8.4.1, and RFC 7932, clause 13.
const BROTLI: &str = "br";
const GZIP: &str = "gzip";
pub(super) const HTML: &str = "text/html; charset=utf-8";

type Packed = Arc<Vec<u8>>;
static PACKED: Mutex<BTreeMap<[u8; 32], Packed>> = Mutex::new(BTreeMap::new());
/// How many compressed files to keep at most: those of two or three builds. A page under development may have a new
/// build every minute.
const MOST_PACKED: usize = 32;
/// A smaller file stays uncompressed, because it fits into one packet anyway.
const SMALLEST_PACKED: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_cached_for_ever() {
        let for_ever = |name: &str| cache(Path::new(name)).contains("immutable");
        assert!(for_ever("app-39a2fd24038d6908.js"));
        assert!(for_ever("snippets/engine/split_files-39a2fd24038d6908.wasm"));
        assert!(!for_ever("engine_bg.wasm"));
        assert!(!for_ever("icons/icon-192.png"));
        assert!(!for_ever("index.html"));
    }
}
