//! Faults with Modbus meters.

use super::{Code, Words, say};

pub(super) const TABLE: &[(Code, Words)] = &[
    (
        Code::ParseException,
        say(
            "Your meter does not have what it was asked for",
            "It answered a question over Modbus with an exception.",
            "Is it the kind of meter that it is read as? If it is, please send us the kept octets.",
        ),
    ),
    (
        Code::DialogueAnotherMaster,
        say(
            "Another device asks on the same wires",
            "An inverter, a wallbox or another program asks the meters too. Only one may, so nothing is asked from here \
             until it has been silent for a minute.",
            "Unplug the other device, or use a second meter for this one.",
        ),
    ),
    (
        Code::RailUnknown,
        say(
            "A Modbus meter answers, and nobody knows it",
            "It does not say what it is, and its numbers fit none of the meters that are known here.",
            "Choose it from the list, if it is there. If it is not, please tell us make and model.",
        ),
    ),
    (
        Code::RailDoubtful,
        say(
            "Which meter is it?",
            "A Modbus meter answers, and it seems to be one whose registers are not sure. Nothing is assumed.",
            "Choose the meter whose name is printed on it, and compare the first numbers with its display.",
        ),
    ),
];
