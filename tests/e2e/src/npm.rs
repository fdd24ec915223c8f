//! [`Package`]: a published JavaScript library with which the page is checked or compared.
//!
//! `npm` fetches the library into the target directory. Neither the repository nor the page contains it.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha512};

use crate::scene::target;

/// A version of a package on the npm registry.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// The package's name.
    pub name: &'static str,
    /// The version.
    pub version: &'static str,
    /// The SHA-512 hash of its archive in Base64, as the registry states it after `sha512-`.
    pub sha512: &'static str,
}

impl Package {
    /// A text file of the package. Fetches the package if it was not fetched before.
    ///
    /// # Panics
    /// If npm or tar is missing, the registry cannot be reached, the archive has another hash, or it has no such file.
    #[must_use]
    pub fn read(&self, file: &str) -> String {
        let Self { name, version, sha512 } = self;
        let folder = target().join("npm");
        let archive = folder.join(format!("{name}-{version}.tgz"));
        if !archive.exists() {
            fs::create_dir_all(&folder).expect("the target directory can be written");
            let mut pack = Command::new("npm");
            run(pack.args(["pack", "--silent", &format!("{name}@{version}")]).current_dir(&folder));
        }
        let hash = BASE64_STANDARD.encode(Sha512::digest(fs::read(&archive).expect("npm wrote the archive")));
        assert_eq!(hash, *sha512, "{name} {version} is not the package that is expected");
        unpacked(&archive, file)
    }
}

fn unpacked(archive: &Path, file: &str) -> String {
    let text = run(Command::new("tar").arg("-xzOf").arg(archive).arg(format!("package/{file}")));
    String::from_utf8(text).expect("a script is text")
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
