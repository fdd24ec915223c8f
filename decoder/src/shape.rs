//! [`Shape`]: the types of the values in a list, except those that have names.
//!
//! The decoder recognises a list by its values together with their types. A type includes the width of a number.

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shape {
    places: [Type; MOST],
    count: usize,
}

/// A list as announced by its telegram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announced {
    /// How many values the list announced, even if fewer arrived.
    pub(crate) length: usize,
    pub(crate) shape: Shape,
}

/// The type of one value: its A-XDR tag, and whether it stands in a nested list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Type {
    /// `None` if a compact array states the type once for all values.
    pub(crate) tag: Option<u8>,
    pub(crate) nested: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { places: [Type { tag: None, nested: false }; MOST], count: 0 }
    }
}

impl Shape {
    pub(crate) fn push(&mut self, of: Type) {
        if let Some(place) = self.places.get_mut(self.count) {
            *place = of;
        }
        self.count = self.count.saturating_add(1);
    }

    /// The types; empty if the list is longer than any known one.
    pub(crate) fn types(&self) -> &[Type] {
        self.places.get(..self.count).unwrap_or_default()
    }
}

/// More positions than any known list has.
const MOST: usize = 48;
