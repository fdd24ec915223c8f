//! [`MakersOwn`]: what M-Bus makers say where EN 13757-3 leaves it to them, the rows of `registers/makers.toml`.

use super::{Effect, Means, RecordHeader, Table};
use crate::vocabulary::{Phase, Quantity};

/// What a maker says where the standard leaves it to them: a row of `registers/makers.toml`, once for each of its makers.
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

/// A code behind FF.
#[derive(Debug)]
pub(crate) struct MakersCode {
    code: u8,
    /// The table that the VIF behind it is of.
    pub(crate) table: Option<Table>,
    /// What the value is, whatever that VIF says, in the quantity's unit; behind VIFE FF, what an energy is.
    pub(crate) means: Option<Quantity>,
    pub(crate) effects: &'static [Effect],
}

/// A number that is not what its place says.
#[derive(Debug)]
struct MakersNumber {
    number: u8,
    /// It is so of energies or powers only.
    of: Option<Means>,
    effects: &'static [Effect],
}

impl MakersOwn {
    /// The row of a meter, by its header: the maker's letters as a number, version and device type. One that is of a
    /// version goes before one of all.
    pub(crate) fn of(maker: u16, version: u8, device: u8) -> Option<&'static Self> {
        let is_of = |row: &&Self| {
            row.maker == maker
                && row.version.is_none_or(|own| own == version)
                && (row.devices.is_empty() || row.devices.contains(&device))
        };
        MAKERS.iter().filter(is_of).max_by_key(|row| row.version.is_some())
    }

    /// Whether energies that are reals are in the unit of readings, whatever the VIF says.
    pub(crate) fn has_whole_reals(&self) -> bool {
        self.whole_reals
    }

    /// What a code behind VIFE FF does.
    pub(crate) fn vife(&self, code: u8) -> Option<&'static MakersCode> {
        self.vifes.iter().find(|row| row.code == code)
    }

    /// What a code behind VIF FF says, and of which table the VIF behind it is.
    pub(crate) fn vif(&self, code: u8) -> Option<&'static MakersCode> {
        self.vifs.iter().find(|row| row.code == code)
    }

    /// What subunit, storage and tariff of a record do, where they are none: those are 0 afterwards.
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

/// Energy or power, of whatever kind; with powers go the voltages and currents of the moment.
const fn kind(means: Means) -> Means {
    match means {
        Means::ReactiveEnergy | Means::ApparentEnergy => Means::Energy,
        Means::ReactivePower | Means::ApparentPower => Means::Power,
        Means::Quantity(Quantity::Voltage | Quantity::Current) => Means::Power,
        means => means,
    }
}

include!(concat!(env!("OUT_DIR"), "/makers.rs"));
