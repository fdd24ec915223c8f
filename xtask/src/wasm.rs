//! A minimal reader of WebAssembly modules, to list their imports and to remove names (WebAssembly Core 3.0, clauses
//! 5.5.2, 5.5.3 and 5.5.5).

use std::{fs, path::Path};

use crate::failure::Failure;

/// Checks that a module stands alone: it has no imports, so it cannot reach a browser or a system.
///
/// # Errors
/// If the file has imports, or is not a module.
pub(crate) fn stands_alone(path: &Path) -> Result<(), Failure> {
    let bytes = fs::read(path).map_err(Failure::file(path))?;
    match imports(&bytes) {
        Some((0, _)) => Ok(()),
        Some((count, first)) => Err(Failure::Imports { path: path.to_owned(), first, count }),
        None => Err(Failure::NotWasm { path: path.to_owned() }),
    }
}

/// The number of imports, and the first one as `module.name`. `None` if the module is malformed.
fn imports(module: &[u8]) -> Option<(u32, String)> {
    let mut rest = module.strip_prefix(MAGIC_AND_VERSION)?;
    while let Some((id, after)) = rest.split_first() {
        rest = after;
        let mut section = take_vector(&mut rest)?;
        if *id == IMPORT_SECTION {
            let count = take_u32(&mut section)?;
            if count == 0 {
                break;
            }
            let module = String::from_utf8_lossy(take_vector(&mut section)?);
            let name = String::from_utf8_lossy(take_vector(&mut section)?);
            return Some((count, format!("{module}.{name}")));
        }
    }
    Some((0, String::new()))
}

/// The module without its custom sections: names and other data that are not needed to run it (clause 5.5.3). `None` if
/// the module is malformed.
pub(crate) fn bare(module: &[u8]) -> Option<Vec<u8>> {
    let mut rest = module.strip_prefix(MAGIC_AND_VERSION)?;
    let mut bare = MAGIC_AND_VERSION.to_vec();
    while let Some((id, after)) = rest.split_first() {
        let (section, mut end) = (rest, after);
        take_vector(&mut end)?;
        if *id != CUSTOM_SECTION {
            bare.extend(&section[..section.len() - end.len()]);
        }
        rest = end;
    }
    Some(bare)
}

/// Takes a length, then that many bytes. Returns the bytes.
fn take_vector<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_u32(from)?).ok()?;
    let (vector, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(vector)
}

/// Takes an unsigned LEB128 number.
fn take_u32(from: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        value |= u32::from(byte & 0x7F).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

const MAGIC_AND_VERSION: &[u8] = b"\0asm\x01\0\0\0";
const CUSTOM_SECTION: u8 = 0;
const IMPORT_SECTION: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_found_after_other_sections() {
        // (module (type (func)) (import "env" "now" (func (type 0)))), assembled by hand from those clauses.
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0B\x01\x03env\x03now\0\0";
        assert_eq!(imports(module), Some((1, "env.now".to_owned())));
        assert_eq!(imports(&module[..14]), Some((0, String::new())));
        assert_eq!(imports(&module[..module.len() - 1]), None);
        assert_eq!(imports(b"\x7FELF"), None);
    }

    #[test]
    fn custom_sections_are_removed_and_all_others_stay() {
        // (module (type (func))) with one custom section before it and one after it, assembled by hand from clause 5.5.
        let module = b"\0asm\x01\0\0\0\x00\x03\x01a!\x01\x04\x01\x60\0\0\x00\x84\x00\x02ab!";
        assert_eq!(bare(module).unwrap(), b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0");
        assert_eq!(bare(&module[..module.len() - 1]), None);
        assert_eq!(bare(b"\x7FELF"), None);
    }
}
