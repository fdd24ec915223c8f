//! [`Shape`]: of which types the values of a list are that have no names.
//!
//! Values alone say nothing; their types and widths are half of what a list can be known by.

/// The types of the values that nothing names, in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shape {
    places: [Type; MOST],
    count: usize,
}

/// A list as it announced itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announced {
    /// How many values it announced, even if fewer came.
    pub(crate) length: usize,
    pub(crate) shape: Shape,
}

/// The type of one value: its A-XDR tag, and whether it stands in a list within the list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Type {
    /// None where a compact array says the type once for all.
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

    /// The types; none of a list that is longer than any known one.
    pub(crate) fn types(&self) -> &[Type] {
        self.places.get(..self.count).unwrap_or_default()
    }
}

/// More places than any known list has.
const MOST: usize = 48;
