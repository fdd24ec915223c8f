//! What can happen to a house, and how far it can come.

/// Something that happens.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Action {
    /// A tab is opened, closed in good order, or ends without a word; all of them end.
    Open,
    Close,
    Crash,
    CrashAll,
    /// A tab is frozen, and awakes later.
    Freeze,
    /// The browser takes the disk away from a tab; from all, with everything on it.
    Cut,
    Clear,
    /// A change of the disk fails; is made when nobody hears of it any more; finds no room.
    Fail,
    Unheard,
    Quota,
    /// The computer's clock is set, or its zone.
    Clock,
    Zone,
    /// An adapter is pulled out; another program has it; its meter is silent.
    PullOut,
    Take,
    Mute,
    /// The broker is gone, or does not acknowledge, or refuses readings.
    Broker,
    /// Readings are forwarded, or not any more.
    Forward,
    /// A file is written, one is imported, and that is undone.
    Export,
    Import,
    Undo,
    /// A backup is written, and looked at.
    BackUp,
    Restore,
    /// A meter is removed, and added anew; or gets another name.
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
        Self::Unheard,
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

    /// Whether totals cannot be added up from what is left afterwards.
    pub(crate) const fn blurs_totals(self) -> bool {
        matches!(self, Self::Clear | Self::Quota | Self::Clock | Self::Zone | Self::Remove)
    }
}

/// How far a house has come.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum State {
    /// A tab watched another.
    Watching,
    /// A tab that had watched, or was frozen, began to write.
    TakenOver,
    /// The log was cleared, and told so.
    Cleared,
    /// The oldest readings made room.
    Thinned,
    /// A file was imported.
    Imported,
    /// The broker was connected, and did not take what it was given.
    Forwarded,
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

    /// Those that no hours are needed for.
    pub(crate) const SOON: &'static [Self] = &[
        Self::Watching,
        Self::TakenOver,
        Self::Cleared,
        Self::Imported,
        Self::Forwarded,
        Self::NotForwarded,
    ];
}
