//! Backups whose checksum is right and whose contents no log has.

use metertap_native::{File, Handle, World};
use metertap_protocol::{Command, Event, RestoreHow, RestoreState};
use metertap_readings::entry::Entry;
use metertap_readings::files::backup::{Manifest, Piece, Writer};
use metertap_readings::log::format::chunk::Chunk;
use metertap_readings::store::MeterRecord;
use metertap_readings::store::disk::Shelf;

use crate::house::*;

/// A backup of a meter with these readings, each in a chunk of its own.
fn sealed(record: &MeterRecord, entries: &[Entry]) -> Vec<u8> {
    let (mut writer, mut file) = (Writer::default(), Vec::new());
    let at = entries.first().expect("there are readings").received;
    let manifest = Manifest { at, app: String::new(), zone: "Europe/Oslo".to_owned(), secrets: false };
    writer.frame(&Piece::Manifest(manifest), &mut file);
    writer.frame(&Piece::Meter(record.clone()), &mut file);
    writer.frame(&Piece::Log(record.key.clone()), &mut file);
    for entry in entries {
        let row = Chunk::write(std::slice::from_ref(entry)).expect("it is small");
        writer.frame(&Piece::Row(Shelf::Chunks, entry.seq.cast_signed(), row), &mut file);
    }
    writer.end(&mut file);
    file
}

/// Looking at each number in between would take hours, each time the page is opened.
#[test]
fn a_log_with_a_large_gap_in_its_numbers_does_not_stop_the_page() {
    let (world, tab, key) = read_for_three_hours();
    let mut entries = export(&world, &tab, &key);
    entries.truncate(2);
    entries[1].seq = 1 << 40;
    let file = sealed(&state(&tab, &key).record, &entries);
    let world = World::default();
    let tab = opened(&world);
    let restore = Command::Restore { id: 3, how: RestoreHow::Replace };
    tab.send_beside(restore, Handle::File(File::new("house.metertap", file)));
    world.run(MINUTE);
    let restored = tab.last(|event| match event {
        Event::Restore { state, .. } => Some(state.clone()),
        _ => None,
    });
    assert_eq!(restored, Some(RestoreState::Complete(2)));
    tab.crash();
    let tab = opened(&world);
    let [key] = keys(&tab).try_into().expect("one meter");
    assert_eq!(tab.newest(&key).last().map(|entry| entry.seq), Some(1 << 40));
}
