//! What the stages 2 of all link protocols have in common: [`Join`].

use core::fmt;

use crate::error::FrameError;
use crate::frame::Deframe;

/// Stage 2: frames → payloads that were longer than a frame.
pub(crate) trait Join: Default + fmt::Debug {
    /// Stage 1.
    type Deframer: Deframe;

    /// The most octets of memory held.
    const MEMORY: usize;

    /// Whether this frame cuts an unfinished transfer short: then [`Join::drop_transfer`] comes first.
    fn is_cut_by(&self, frame: &FrameOf<'_, Self>) -> bool;

    /// Takes the next frame: a payload when it is complete, `None` while segments are missing and for a frame without
    /// payload.
    ///
    /// # Errors
    /// Those of the protocol, and [`FrameError::TooLong`]. The transfer is dropped.
    fn join<'a, 'f: 'a>(&'a mut self, frame: FrameOf<'f, Self>) -> Result<Option<&'a [u8]>, FrameError>;

    /// Gives an unfinished transfer up.
    fn drop_transfer(&mut self);

    /// Whether segments are missing.
    fn is_unfinished(&self) -> bool;

    /// Octets of memory held.
    fn held(&self) -> usize;
}

/// What the stage 1 in front delimits.
pub(crate) type FrameOf<'a, J> = <<J as Join>::Deframer as Deframe>::Frame<'a>;
