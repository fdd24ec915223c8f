//! [`Status`]: the 32 bits of STGE (Enedis-NOI-CPT_54E, 6.2.3.14).

use crate::hex;
use crate::tic::calendar::Colour;

/// The state of a Linky, as its port reports it in standard mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Status(u32);

/// The state of the breaker in the meter, and its reason.
///
/// Exhaustive: [`Self::Unknown`] stands for all other values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Breaker {
    /// Closed.
    Closed,
    /// Open: the power exceeded the subscription.
    OpenOnOverload,
    /// Open: the voltage was too high.
    OpenOnOvervoltage,
    /// Open: load shedding in the grid.
    OpenOnShedding,
    /// Open: by an order over the power line or over Euridis.
    OpenByOrder,
    /// Open: overheated, at a current above the breaker's switching capacity.
    OpenOnHeatAboveSwitchingCurrent,
    /// Open: overheated, at a current below the breaker's switching capacity.
    OpenOnHeatBelowSwitchingCurrent,
    /// A value that the specification does not define.
    Unknown,
}

/// The state of the maintenance port.
///
/// Exhaustive: [`Self::Unknown`] stands for all other values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Euridis {
    /// Off.
    Off,
    /// On, without security.
    On,
    /// On, with security.
    Secured,
    /// A value that the specification does not define.
    Unknown,
}

/// The state of the power line modem.
///
/// Exhaustive: [`Self::Unknown`] stands for all other values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Modem {
    /// New, and not locked to a concentrator.
    NewUnlocked,
    /// New, and locked to a concentrator.
    NewLocked,
    /// Registered.
    Registered,
    /// A value that the specification does not define.
    Unknown,
}

impl Status {
    /// The status in the eight hex digits of STGE; `None` for any other text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let number = hex::number(text.as_bytes()).filter(|_| text.len() == 8)?;
        u32::try_from(number).ok().map(Self)
    }

    /// Whether the dry contact is open.
    #[must_use]
    pub const fn contact_is_open(self) -> bool {
        self.bits(0, 1) == 1
    }

    /// The state of the breaker.
    #[must_use]
    pub const fn breaker(self) -> Breaker {
        match self.bits(1, 3) {
            0 => Breaker::Closed,
            1 => Breaker::OpenOnOverload,
            2 => Breaker::OpenOnOvervoltage,
            3 => Breaker::OpenOnShedding,
            4 => Breaker::OpenByOrder,
            5 => Breaker::OpenOnHeatAboveSwitchingCurrent,
            6 => Breaker::OpenOnHeatBelowSwitchingCurrent,
            _ => Breaker::Unknown,
        }
    }

    /// Whether the distributor's cover is open.
    #[must_use]
    pub const fn cover_is_open(self) -> bool {
        self.bits(4, 1) == 1
    }

    /// Whether the voltage of a phase is too high.
    #[must_use]
    pub const fn has_overvoltage(self) -> bool {
        self.bits(6, 1) == 1
    }

    /// Whether the power exceeds the reference power.
    #[must_use]
    pub const fn is_over_limit(self) -> bool {
        self.bits(7, 1) == 1
    }

    /// Whether the meter counts exported energy.
    #[must_use]
    pub const fn is_producer(self) -> bool {
        self.bits(8, 1) == 1
    }

    /// Whether active energy is exported.
    #[must_use]
    pub const fn energy_is_negative(self) -> bool {
        self.bits(9, 1) == 1
    }

    /// The supplier's current index, from 1.
    #[must_use]
    pub const fn supplier_index(self) -> u32 {
        self.bits(10, 4) + 1
    }

    /// The distributor's current index, from 1.
    #[must_use]
    pub const fn distributor_index(self) -> u32 {
        self.bits(14, 2) + 1
    }

    /// Whether the clock stopped and was not set since.
    #[must_use]
    pub const fn clock_is_degraded(self) -> bool {
        self.bits(16, 1) == 1
    }

    /// Whether the port is in standard mode.
    #[must_use]
    pub const fn is_standard(self) -> bool {
        self.bits(17, 1) == 1
    }

    /// The state of the maintenance port.
    #[must_use]
    pub const fn euridis(self) -> Euridis {
        match self.bits(19, 2) {
            0 => Euridis::Off,
            1 => Euridis::On,
            3 => Euridis::Secured,
            _ => Euridis::Unknown,
        }
    }

    /// The state of the power line modem.
    #[must_use]
    pub const fn modem(self) -> Modem {
        match self.bits(21, 2) {
            0 => Modem::NewUnlocked,
            1 => Modem::NewLocked,
            2 => Modem::Registered,
            _ => Modem::Unknown,
        }
    }

    /// Whether the modem is synchronised with the power line.
    #[must_use]
    pub const fn modem_is_in_step(self) -> bool {
        self.bits(23, 1) == 1
    }

    /// The colour of today under Tempo; `None` under other contracts.
    #[must_use]
    pub const fn today(self) -> Option<Colour> {
        Colour::numbered(self.bits(24, 2))
    }

    /// The colour of tomorrow under Tempo; `None` if it is not known yet, and under other contracts.
    #[must_use]
    pub const fn tomorrow(self) -> Option<Colour> {
        Colour::numbered(self.bits(26, 2))
    }

    /// The announced mobile peak, from 1 to 3; `None` if no peak is announced.
    #[must_use]
    pub const fn peak_announced(self) -> Option<u32> {
        self.peak(28)
    }

    /// The current mobile peak, from 1 to 3; `None` outside a peak.
    #[must_use]
    pub const fn peak_running(self) -> Option<u32> {
        self.peak(30)
    }

    const fn peak(self, first: u32) -> Option<u32> {
        match self.bits(first, 2) {
            0 => None,
            number => Some(number),
        }
    }

    /// This many bits, beginning with bit `first`.
    const fn bits(self, first: u32, count: u32) -> u32 {
        self.0 >> first & ((1 << count) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A status during a peak of a Tempo contract, with another peak announced: bits worked out by hand from 6.2.3.14.
    #[test]
    fn bits_are_where_the_specification_has_them() {
        let status = Status::read("9B3A9000").unwrap();
        assert_eq!((status.peak_running(), status.peak_announced()), (Some(2), Some(1)));
        assert_eq!((status.today(), status.tomorrow()), (Some(Colour::Red), Some(Colour::White)));
        assert_eq!((status.supplier_index(), status.distributor_index()), (5, 3));
        assert!(status.is_standard() && !status.is_producer() && !status.clock_is_degraded());
        assert_eq!((status.breaker(), status.modem()), (Breaker::Closed, Modem::NewLocked));
        let status = Status::read("002A0301").unwrap();
        assert!(status.is_producer() && status.energy_is_negative() && status.contact_is_open());
        assert_eq!((status.today(), status.peak_running()), (None, None));
        let status = Status::read("003A0083").unwrap();
        assert_eq!(status.breaker(), Breaker::OpenOnOverload);
        assert!(status.is_over_limit());
    }

    #[test]
    fn other_texts_are_not_a_status() {
        for wrong in ["", "003A008", "003A00833", "003A008q", "+03A0083"] {
            assert_eq!(Status::read(wrong), None, "{wrong}");
        }
    }
}
