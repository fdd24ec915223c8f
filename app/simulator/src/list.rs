//! [`PushList`]: the body of a DLMS push while it is being written, with its true values.

use metertap_decoder::hex;
use metertap_decoder::register::Obis;

use crate::axdr::{Axdr, Stamp};
use crate::truth::{TrueValue, Truth};

/// The elements written so far, with their truth.
#[derive(Clone, Debug, Default)]
pub(crate) struct PushList {
    /// The elements, without the head that holds their number.
    pub(crate) axdr: Axdr,
    elements: usize,
    truth: Truth,
}

impl PushList {
    /// Records the truth of the elements just written, which together state this value. `elements` is their number.
    pub(crate) fn says(&mut self, elements: usize, value: TrueValue) {
        self.elements += elements;
        self.truth.values.push(value);
    }

    /// Records that the list names the meter.
    pub(crate) fn is_of(&mut self, meter: String) {
        self.truth.meter = Some(meter);
    }

    /// Records that the list, or the notification around it, gives the time.
    pub(crate) fn is_at(&mut self, time: String) {
        self.truth.time = Some(time);
    }

    /// The notification, with the list as a structure of values.
    pub(crate) fn structure(self, invoke_id: [u8; 4], stamp: Stamp) -> (Vec<u8>, Truth) {
        self.notification(Axdr::structure, invoke_id, stamp)
    }

    /// The notification, with the list as an array of structures.
    pub(crate) fn array(self, invoke_id: [u8; 4], stamp: Stamp) -> (Vec<u8>, Truth) {
        self.notification(Axdr::array, invoke_id, stamp)
    }

    fn notification(self, head: fn(&mut Axdr, usize), invoke_id: [u8; 4], stamp: Stamp) -> (Vec<u8>, Truth) {
        let mut body = Axdr::default();
        head(&mut body, self.elements);
        body.append(self.axdr);
        (body.notification(invoke_id, stamp), self.truth)
    }
}

/// A list whose first element describes the other elements. The description holds class, name, attribute and index of
/// each object (IEC 62056-6-2, push object list). The first two objects are those of the push setup itself.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// The values.
    pub(crate) list: PushList,
    rows: Axdr,
    objects: usize,
}

impl Described {
    pub(crate) fn new(push_setup: Obis) -> Self {
        let mut described = Self { list: PushList::default(), rows: Axdr::default(), objects: 0 };
        described.row(40, push_setup, 2);
        described.row(40, push_setup, 1);
        described.list.axdr.obis(push_setup);
        described.list.says(1, TrueValue::new(push_setup, "list-version", hex::lower(&push_setup.0)));
        described
    }

    /// Describes the next value: attribute 2 of this object.
    pub(crate) fn object(&mut self, class: u16, obis: Obis) {
        self.row(class, obis, 2);
    }

    /// Adds an object with text.
    pub(crate) fn text(&mut self, obis: Obis, quantity: &'static str, text: &str) {
        self.object(1, obis);
        self.list.axdr.octet_string(text.as_bytes());
        self.list.says(1, TrueValue::new(obis, quantity, text));
    }

    fn row(&mut self, class: u16, obis: Obis, attribute: i8) {
        self.objects += 1;
        self.rows.structure(4);
        self.rows.long_unsigned(class);
        self.rows.obis(obis);
        self.rows.integer(attribute);
        self.rows.long_unsigned(0);
    }

    /// The notification: a structure of the description and the values.
    pub(crate) fn structure(self, invoke_id: [u8; 4], stamp: Stamp) -> (Vec<u8>, Truth) {
        let mut body = Axdr::default();
        body.structure(1 + self.list.elements);
        body.array(self.objects);
        body.append(self.rows);
        body.append(self.list.axdr);
        (body.notification(invoke_id, stamp), self.list.truth)
    }
}

/// The usual OBIS code of a clock, `0-0:1.0.0`.
pub(crate) const CLOCK: Obis = Obis::new(0, 0, 1, 0, 0);
/// Active and reactive power of all phases, imported and exported.
pub(crate) const POWERS: [[u8; 3]; 4] = [[1, 7, 0], [2, 7, 0], [3, 7, 0], [4, 7, 0]];
/// The counters of active and reactive energy, imported and exported.
pub(crate) const ENERGIES: [[u8; 3]; 4] = [[1, 8, 0], [2, 8, 0], [3, 8, 0], [4, 8, 0]];
