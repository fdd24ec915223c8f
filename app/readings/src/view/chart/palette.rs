//! [`Palette`] and [`Hue`]: the colours of a chart, by role.

use plotters::prelude::RGBColor;

/// The colours of a chart; the names are those of the style sheet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Palette {
    /// The background.
    pub ground: RGBColor,
    /// The curve and the current value.
    pub ink: RGBColor,
    /// Labels of the axes, and values that others are compared with.
    pub ink_quiet: RGBColor,
    /// The grid and the hatching of gaps.
    pub line: RGBColor,
    /// Power taken from the grid.
    pub import: RGBColor,
    /// Power fed in.
    pub export: RGBColor,
    /// Gas.
    pub gas: RGBColor,
    /// Water.
    pub water: RGBColor,
    /// Heat.
    pub heat: RGBColor,
}

/// A role that determines a colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hue {
    /// A measurement.
    Ink,
    /// Values that others are compared with.
    Quiet,
    /// Power taken from the grid.
    Import,
    /// Power fed in.
    Export,
    /// Gas.
    Gas,
    /// Water.
    Water,
    /// Heat.
    Heat,
}

impl Palette {
    /// The colour of a role.
    #[must_use]
    pub const fn of(&self, hue: Hue) -> RGBColor {
        match hue {
            Hue::Ink => self.ink,
            Hue::Quiet => self.ink_quiet,
            Hue::Import => self.import,
            Hue::Export => self.export,
            Hue::Gas => self.gas,
            Hue::Water => self.water,
            Hue::Heat => self.heat,
        }
    }
}
