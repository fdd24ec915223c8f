//! The object stores of earlier versions of the database.

use idb::{KeyPath, ObjectStoreParams};

/// Creates the stores of version 1. Version 2 also had the stores of the journal.
pub(crate) fn create_version_1(database: &idb::Database) -> Result<(), idb::Error> {
    for (name, path) in [
        ("meters", KeyPath::new_single("meter")),
        ("settings", KeyPath::new_single("name")),
        ("cursors", KeyPath::new_array(["meter", "reader"])),
        ("kept", KeyPath::new_array(["meter", "number"])),
        ("readings", KeyPath::new_array(["meter", "seq"])),
    ] {
        let mut params = ObjectStoreParams::new();
        params.key_path(Some(path));
        database.create_object_store(name, params)?;
    }
    Ok(())
}
