//! Splits a program into a main module, which is loaded at the start, and parts, which are fetched on first use.
//!
//! A part begins at a function that is marked with `#[wasm_split]`, and contains the code that only such functions
//! call.

use std::{fs, io, path::Path};

use wasm_split_cli_support::{Options, transform};

/// Writes the parts of a program, and a script that loads them, into the folder that Trunk copies with the program.
/// Returns the main module, or `None` if the program has no parts.
///
/// # Errors
/// The program was linked without relocations, or a file could not be written.
pub(crate) fn divide(program: &[u8], stem: &str, folder: &Path) -> Result<Option<Vec<u8>>, String> {
    let parts = folder.join(SNIPPETS).join(stem);
    if parts.exists() {
        // Parts of an earlier build may have other names.
        fs::remove_dir_all(&parts).map_err(told(&parts))?;
    }
    if !program.windows(MARK.len()).any(|bytes| bytes == MARK) {
        return Ok(None);
    }
    // Several programs are divided at the same time, and may have parts with the same name.
    let scratch = folder.join(format!("{stem}-parts"));
    let rest = folder.join(format!("{stem}-rest.wasm"));
    let link = format!("./{SNIPPETS}/{stem}/{LINK}");
    let main = format!("../../{stem}.js");
    let linked = scratch.join(SNIPPETS).join(stem);
    for folder in [&parts, &linked] {
        fs::create_dir_all(folder).map_err(told(folder))?;
    }
    let mut options = Options::new(program);
    options.output_dir = &scratch;
    options.main_out_path = &rest;
    options.link_name = &link;
    options.main_module = &main;
    let modules = transform(options).map_err(|error| format!("{error:?}"))?.split_modules;
    // The script that loads the parts looks for them in the folder that the script is in.
    for file in modules.into_iter().chain([linked.join(LINK)]) {
        fs::rename(&file, parts.join(file.file_name().unwrap_or_default())).map_err(told(&file))?;
    }
    fs::remove_dir_all(&scratch).map_err(told(&scratch))?;
    fs::read(&rest).map(Some).map_err(told(&rest))
}

fn told(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

/// The prefix of the names that `wasm_split_helpers` gives to the functions at which parts begin.
const MARK: &[u8] = b"__wasm_split_00";
/// The folder that Trunk copies with a program.
const SNIPPETS: &str = "snippets";
/// The script that loads the parts.
const LINK: &str = "parts.js";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_parts_stays_whole() {
        assert_eq!(divide(b"\0asm\x01\0\0\0", "app", Path::new("/nowhere")), Ok(None));
    }
}
