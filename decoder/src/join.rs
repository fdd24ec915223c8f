//! What all link protocols share in stage 2: [`Join`].

use core::fmt;

use crate::error::FrameError;
use crate::frame::Deframe;

/// Stage 2: frames → payloads, which may span several frames.
pub(crate) trait Join: Default + fmt::Debug {
    type Deframer: Deframe;

    /// The most bytes of memory held.
    const MEMORY: usize;

    /// Whether this frame cuts an unfinished transfer short. If so, call [`Join::drop_transfer`] first.
    fn is_cut_by(&self, frame: &FrameOf<'_, Self>) -> bool;

    /// Takes the next frame. Returns a payload when it is complete, and `None` while segments are missing or if the
    /// frame has no payload.
    ///
    /// # Errors
    /// Those of the protocol, and [`FrameError::TooLong`]. The transfer is dropped.
    fn join<'a, 'f: 'a>(&'a mut self, frame: FrameOf<'f, Self>) -> Result<Option<&'a [u8]>, FrameError>;

    fn drop_transfer(&mut self);

    /// Whether segments are missing.
    fn is_unfinished(&self) -> bool;

    /// Bytes of memory held.
    fn held(&self) -> usize;
}

/// The frames of the deframer that a `Join` builds on.
pub(crate) type FrameOf<'a, J> = <<J as Join>::Deframer as Deframe>::Frame<'a>;
