//! Gives each file of a build a name with a hash of its content, and updates the references to it. A file with such a
//! name never changes, so a browser that has it need not ask for it again.
//!
//! The files of a program refer to each other in cycles. They therefore share one hash, computed over all of them. The
//! files with texts also share a hash: the page contains the name of one of them, and derives the other names from it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// The names of a build's files: the original name of each, and its name with a hash.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// Renames all files of the build except those in `stay`, which browsers request by their original names.
    ///
    /// # Errors
    /// If a file could not be read, written or renamed.
    pub(crate) fn give(stage: &Path, stay: &[&str]) -> Result<Self, Failure> {
        let mut names = Self::default();
        for files in together(stage, stay)? {
            names.give_together(stage, &files)?;
        }
        Ok(names)
    }

    /// Renames files that share a hash: those of one program, those with texts, or a single file. All other files that
    /// they refer to must have been renamed before.
    fn give_together(&mut self, stage: &Path, files: &[String]) -> Result<(), Failure> {
        let mut contents = Vec::new();
        for name in files {
            let path = stage.join(name);
            let content = fs::read(&path).map_err(Failure::file(&path))?;
            contents.push((name, path, self.rewritten(name, content)));
        }
        let all: Vec<u8> =
            contents.iter().flat_map(|(name, _, content)| [name.as_bytes(), content].concat()).collect();
        let hash = short_hash(&all);
        self.0.extend(files.iter().map(|name| (name.clone(), with_hash(name, &hash))));
        for (name, path, content) in contents {
            let named = stage.join(with_hash(name, &hash));
            fs::write(&named, self.rewritten(name, content)).map_err(Failure::file(&named))?;
            fs::remove_file(&path).map_err(Failure::file(&path))?;
        }
        Ok(())
    }

    /// The content of the file, with the new names if the file may refer to others.
    fn rewritten(&self, name: &str, content: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(content) {
            Ok(text) if refers(name) => self.put_into(&text, folder(name)).into_bytes(),
            Ok(text) => text.into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        }
    }

    /// The text with the new name in place of every old name in quotation marks. The text belongs to a file in
    /// `folder`. A key of an object stays as it is, because a module asks for its imports by that name.
    pub(crate) fn put_into(&self, text: &str, folder: &str) -> String {
        let (mut sealed, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find(['"', '\'']) {
            let (before, quoted) = rest.split_at(at + 1);
            sealed.push_str(before);
            let mark = if before.ends_with('"') { '"' } else { '\'' };
            let reference = quoted.split(mark).next().unwrap_or_default();
            let behind = quoted.get(reference.len() + 1..).unwrap_or_default();
            rest = quoted;
            if let Some(name) = self.of(reference, folder).filter(|_| !behind.starts_with(':')) {
                let (path, _) = reference.split_at(reference.rfind('/').map_or(0, |slash| slash + 1));
                sealed.extend([path, name.rsplit('/').next().unwrap_or(name)]);
                rest = &quoted[reference.len()..];
            }
        }
        sealed.push_str(rest);
        sealed
    }

    /// The new name of a file that a text in that folder refers to.
    fn of(&self, reference: &str, folder: &str) -> Option<&str> {
        // A longer string, or one that spans lines, is not a reference.
        if reference.len() > LONGEST_REFERENCE || reference.contains('\n') {
            return None;
        }
        let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in reference.split('/') {
            match part {
                "." => {}
                ".." => drop(path.pop()?),
                part => path.push(part),
            }
        }
        self.0.get(&path.join("/")).map(String::as_str)
    }
}

/// Groups the files that share a hash. Files of kinds that refer to no others come first.
fn together(stage: &Path, stay: &[&str]) -> Result<Vec<Vec<String>>, Failure> {
    let name = |path: PathBuf| path.strip_prefix(stage).unwrap_or(&path).to_string_lossy().replace('\\', "/");
    let all: Vec<String> =
        files_below(stage)?.into_iter().map(name).filter(|name| !stay.contains(&name.as_str())).collect();
    let programs: Vec<&str> = all.iter().filter_map(|name| name.strip_suffix(MODULE)).collect();
    let mut together: BTreeMap<(bool, &str), Vec<String>> = BTreeMap::new();
    for name in &all {
        let program = programs.iter().find(|program| belongs(name, program));
        let group = if name.starts_with(TEXTS) { TEXTS } else { program.copied().unwrap_or(name) };
        let key = (program.is_some() || refers(name), group);
        together.entry(key).or_default().push(name.clone());
    }
    Ok(together.into_values().collect())
}

fn belongs(name: &str, program: &str) -> bool {
    let part = name.strip_prefix("snippets/").and_then(|name| name.strip_prefix(program));
    part.is_some_and(|part| part.starts_with('/'))
        || name.strip_prefix(program).is_some_and(|rest| matches!(rest, ".js" | MODULE | LOADER))
}

fn refers(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("js" | "webmanifest"))
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn with_hash(name: &str, hash: &str) -> String {
    let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}-{hash}.{kind}")
}

/// A hash of sixteen hexadecimal digits.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The ends of file names after the program's name: its module, and the loader that Trunk adds for a worker.
const MODULE: &str = "_bg.wasm";
const LOADER: &str = "_loader.js";
/// The folder with the texts of all languages.
pub(crate) const TEXTS: &str = "locales/";
const LONGEST_REFERENCE: usize = 200;

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn each_file_has_its_own_hash_but_the_files_of_a_program_share_one() {
        let [old, new] = ["1", "2"].map(|part| names_of("hashes", part));
        let name = |names: &Names, of: &str| names.0.get(of).cloned().unwrap();
        // The hash is SHA-256 of "icons/a.svgabc", computed by sha256sum.
        assert_eq!(name(&old, "icons/a.svg"), "icons/a-854b4e3d448fb7f4.svg");
        assert_eq!(name(&old, "icons/a.svg"), name(&new, "icons/a.svg"));
        assert_eq!(name(&old, "other.js"), name(&new, "other.js"), "it does not belong to the program");
        let hash = |names: &Names, of: &str| name(names, of).rsplit_once('-').unwrap().1[..16].to_owned();
        let files = ["a.js", "a_bg.wasm", "a_loader.js", "snippets/a/parts.js", "snippets/a/b.wasm"];
        for file in files {
            assert_eq!(hash(&old, file), hash(&old, "a.js"), "{file}");
            assert_ne!(hash(&old, file), hash(&new, file), "{file}: a part of it has changed");
        }
        assert!(!old.0.contains_key("index.html"));
    }

    #[test]
    fn references_to_a_file_use_its_new_name() {
        let names = Names(BTreeMap::from(
            [("a.js", "a-1.js"), ("a_bg.wasm", "a_bg-1.wasm"), ("snippets/a/b.js", "snippets/a/b-1.js")]
                .map(|(old, new)| (old.to_owned(), new.to_owned())),
        ));
        let said = |text| names.put_into(text, "");
        assert_eq!(
            said("<link href=\"./a.js\"><a href='a.js'>a.js"),
            "<link href=\"./a-1.js\"><a href='a-1.js'>a.js"
        );
        assert_eq!(said("// Don't.\nnew URL('a_bg.wasm', x)"), "// Don't.\nnew URL('a_bg-1.wasm', x)");
        assert_eq!(said("import * from \"./snippets/a/b.js\""), "import * from \"./snippets/a/b-1.js\"");
        assert_eq!(said("{ \"./snippets/a/b.js\": import1 }"), "{ \"./snippets/a/b.js\": import1 }");
        assert_eq!(names.put_into("from '../../a.js'", "snippets/a"), "from '../../a-1.js'");
        assert_eq!(names.put_into("'./a.js' '../../../a.js'", "snippets/a"), "'./a.js' '../../../a.js'");
    }

    fn names_of(test: &str, part: &str) -> Names {
        let stage = env::temp_dir().join(format!("metertap-names-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&stage);
        let files = [
            ("index.html", ""),
            ("icons/a.svg", "abc"),
            ("other.js", "import './a.txt'"),
            ("a.js", "import './snippets/a/parts.js'; new URL('a_bg.wasm', import.meta.url)"),
            ("a_bg.wasm", "\0asm"),
            ("a_loader.js", "import init from './a.js'"),
            ("snippets/a/parts.js", "import '../../a.js'; new URL('./b.wasm', import.meta.url)"),
            ("snippets/a/b.wasm", part),
        ];
        for (name, content) in files {
            let path = stage.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let names = Names::give(&stage, &["index.html"]).unwrap();
        for (name, content) in files.iter().filter(|(name, _)| *name != "index.html") {
            let there = fs::read_to_string(stage.join(&names.0[*name])).unwrap();
            assert_eq!(there, names.put_into(content, folder(name)), "{name}");
            assert!(!stage.join(name).exists());
        }
        fs::remove_dir_all(&stage).unwrap();
        names
    }
}
