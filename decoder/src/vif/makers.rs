//! [`MakersOwn`]: the meanings that M-Bus makers give to codes that EN 13757-3 leaves free, as listed in
//! `registers/makers.toml`.

use super::{Effect, Means, RecordHeader, Table};
use crate::vocabulary::{Phase, Quantity};

/// A row of `registers/makers.toml`, repeated for each maker that it names.
#[derive(Debug)]
pub(crate) struct MakersOwn {
    maker: u16,
    version: Option<u8>,
    devices: &'static [u8],
    whole_reals: bool,
    vifes: &'static [MakersCode],
    vifs: &'static [MakersCode],
    subunits: &'static [MakersNumber],
    storages: &'static [MakersNumber],
    tariffs: &'static [MakersNumber],
}

/// A code after VIF or VIFE FF.
#[derive(Debug)]
pub(crate) struct MakersCode {
    code: u8,
    /// The table of the VIF that follows.
    pub(crate) table: Option<Table>,
    /// After VIF FF: the quantity of the value, in that quantity's unit, regardless of the VIF that follows. After VIFE
    /// FF: the quantity of the value if it is an energy.
    pub(crate) means: Option<Quantity>,
    pub(crate) effects: &'static [Effect],
}

/// A subunit, storage or tariff number with a meaning of the maker's own.
#[derive(Debug)]
struct MakersNumber {
    number: u8,
    /// If set, this applies only to energies, or only to powers.
    of: Option<Means>,
    effects: &'static [Effect],
}

impl MakersOwn {
    /// The row for a meter, by its header: the maker's letters as a number, version and device type. A row for one
    /// version has priority over a row for all versions.
    pub(crate) fn of(maker: u16, version: u8, device: u8) -> Option<&'static Self> {
        let is_of = |row: &&Self| {
            row.maker == maker
                && row.version.is_none_or(|own| own == version)
                && (row.devices.is_empty() || row.devices.contains(&device))
        };
        MAKERS.iter().filter(is_of).max_by_key(|row| row.version.is_some())
    }

    /// Whether energies sent as reals have the unit of readings, whatever the VIF says.
    pub(crate) fn has_whole_reals(&self) -> bool {
        self.whole_reals
    }

    pub(crate) fn vife(&self, code: u8) -> Option<&'static MakersCode> {
        self.vifes.iter().find(|row| row.code == code)
    }

    /// The meaning of a code after VIF FF, and the table of the VIF that follows.
    pub(crate) fn vif(&self, code: u8) -> Option<&'static MakersCode> {
        self.vifs.iter().find(|row| row.code == code)
    }

    /// The effects of the record's subunit, storage and tariff numbers, if the maker gives them a meaning of its own.
    /// Sets each such number in `header` to 0.
    pub(crate) fn places(&self, header: &mut RecordHeader, means: Means) -> [&'static [Effect]; 3] {
        let find = |rows: &'static [MakersNumber], number: u64| {
            let is_of = |row: &&MakersNumber| {
                u64::from(row.number) == number && row.of.is_none_or(|of| of == kind(means))
            };
            rows.iter().find(is_of).map(|row| row.effects)
        };
        let subunit = find(self.subunits, header.subunit.into());
        let storage = find(self.storages, header.storage);
        let tariff = find(self.tariffs, header.tariff.into());
        header.subunit = if subunit.is_some() { 0 } else { header.subunit };
        header.storage = if storage.is_some() { 0 } else { header.storage };
        header.tariff = if tariff.is_some() { 0 } else { header.tariff };
        [subunit, storage, tariff].map(Option::unwrap_or_default)
    }
}

/// Energy or power of any kind. Voltages and currents count as powers.
const fn kind(means: Means) -> Means {
    match means {
        Means::ReactiveEnergy | Means::ApparentEnergy => Means::Energy,
        Means::ReactivePower | Means::ApparentPower => Means::Power,
        Means::Quantity(Quantity::Voltage | Quantity::Current) => Means::Power,
        means => means,
    }
}

include!(concat!(env!("OUT_DIR"), "/makers.rs"));
