//! The actions from which a walk chooses one at each step, and the states that walks must reach.

/// What can happen to a house in a step.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Action {
    Open,
    /// A tab is closed properly.
    Close,
    Crash,
    CrashAll,
    /// A tab is frozen, and wakes up later.
    Freeze,
    /// The browser closes a tab's disk.
    Cut,
    /// The browser closes the disk of all tabs, and deletes everything on it.
    Clear,
    /// A write to the disk fails.
    Fail,
    /// The disk is closed just before or just after it stores a change, and confirms nothing.
    Unconfirmed,
    /// The disk has almost no space left.
    Quota,
    Clock,
    Zone,
    PullOut,
    /// Another program opens an adapter's port.
    Take,
    Mute,
    /// The broker ends its connections. For some steps it cannot be reached, answers nothing, acknowledges nothing or
    /// refuses readings.
    Broker,
    Forward,
    Export,
    /// The exported file is imported.
    Import,
    Undo,
    BackUp,
    /// The backup is checked, but not restored.
    Restore,
    /// A meter is removed, and a meter behind an adapter is added.
    Remove,
    Rename,
}

impl Action {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Open,
        Self::Close,
        Self::Crash,
        Self::CrashAll,
        Self::Freeze,
        Self::Cut,
        Self::Clear,
        Self::Fail,
        Self::Unconfirmed,
        Self::Quota,
        Self::Clock,
        Self::Zone,
        Self::PullOut,
        Self::Take,
        Self::Mute,
        Self::Broker,
        Self::Forward,
        Self::Export,
        Self::Import,
        Self::Undo,
        Self::BackUp,
        Self::Restore,
        Self::Remove,
        Self::Rename,
    ];

    /// Whether the readings that are left afterwards no longer add up to the totals.
    pub(crate) const fn blurs_totals(self) -> bool {
        matches!(self, Self::Clear | Self::Quota | Self::Clock | Self::Zone | Self::Remove)
    }
}

/// States that a walk can reach.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum State {
    Watching,
    /// A tab began to write.
    TakenOver,
    /// The log was cleared, and a notice said so.
    Cleared,
    /// The oldest readings were deleted to make room.
    Thinned,
    Imported,
    Forwarded,
    /// The broker did not accept a reading.
    NotForwarded,
}

impl State {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Watching,
        Self::TakenOver,
        Self::Cleared,
        Self::Thinned,
        Self::Imported,
        Self::Forwarded,
        Self::NotForwarded,
    ];

    /// The states that a walk reaches without hours of readings.
    pub(crate) const SOON: &'static [Self] = &[
        Self::Watching,
        Self::TakenOver,
        Self::Cleared,
        Self::Imported,
        Self::Forwarded,
        Self::NotForwarded,
    ];
}
