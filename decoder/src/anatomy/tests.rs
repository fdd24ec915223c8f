use alloc::vec::Vec;

use super::*;
use crate::cipher::Keys;

fn anatomy(stack: Stack, bytes: &[u8]) -> Anatomy {
    Anatomy::of(&Setup { stack, ..Setup::default() }, &[], bytes)
}

fn says(layer: &Layer) -> Vec<(&'static str, &str)> {
    layer.leaves().map(|field| (field.name, field.value.as_deref().unwrap_or_default())).collect()
}

/// IEC 62056-21, 6.5: a data set and its parts.
#[test]
fn a_data_line_has_a_name_and_a_value() {
    let telegram = b"/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!\r\n";
    let anatomy = anatomy(Stack::P1, telegram);
    let expected = [
        ("start", ""),
        ("identification", "MTP5TEST"),
        ("line end", ""),
        ("address", "1-0:1.7.0 active power import"),
        ("front boundary", ""),
        ("value", "1193 W"),
        ("separator", ""),
        ("unit", ""),
        ("rear boundary", ""),
        ("line end", ""),
        ("end", ""),
        ("line end", ""),
    ];
    assert_eq!(says(&anatomy.layers[0]), expected);
}

#[test]
fn bytes_of_no_protocol_are_noise() {
    let anatomy = anatomy(Stack::P1, b"\x00\xFF\x00");
    assert_eq!(says(&anatomy.layers[0]), [("noise", "")]);
}

/// EN 13757-2, 5.2: a frame from a master, and a meter's acknowledgement.
#[test]
fn short_frames_are_named() {
    let anatomy = anatomy(Stack::Mbus, &[0x10, 0x40, 0x01, 0x41, 0x16, 0xE5]);
    let names: Vec<&str> = anatomy.layers[0].fields.iter().map(|field| field.name).collect();
    assert_eq!(names, ["short frame", "start", "C field", "A field", "checksum", "stop", "acknowledgement"]);
}

#[test]
fn no_bytes_give_no_fields() {
    for stack in Stack::ALL {
        assert_eq!(anatomy(*stack, &[]).layers[0].fields, []);
    }
}

/// A long input that looks like a telegram: lists within lists.
#[test]
fn there_are_at_most_twice_as_many_fields_as_bytes() {
    let lists: Vec<u8> =
        [0x0F, 0, 0, 0, 0, 0].into_iter().chain([0x02, 0x01].into_iter().cycle().take(8000)).collect();
    let keys = Keys { encryption: Some([0; 16]), authentication: None };
    for stack in Stack::ALL {
        let setup = Setup { stack: *stack, keys: keys.clone(), ..Setup::default() };
        let anatomy = Anatomy::of(&setup, &[], &lists);
        let fields: usize = anatomy.layers.iter().map(|layer| layer.fields.len()).sum();
        assert!(fields <= 2 * lists.len(), "{stack:?}: {fields} fields");
    }
}
