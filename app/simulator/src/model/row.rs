//! [`Row`]: the differences between models: line, pace, keys and telegrams.

use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;

use super::Model;
use crate::hdlc::Header;
use crate::household::Household;
use crate::keys::Keys;
use crate::truth::Truth;
use crate::{
    aidon, am550, cyble, dsmr, e450, ehz, emucs, flowiq, kaifa, kamstrup, linky, ma309m, multical, oms,
    optical, smarty, swedish, ultraheat, xt211,
};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) line: Line,
    pub(crate) phases: usize,
    pub(crate) pace: Pace,
    pub(crate) keys: Option<Keys>,
    pub(crate) speech: Speech,
}

impl Model {
    pub(crate) const fn row(self) -> Row {
        match self {
            Self::KaifaMa304h3e => Row {
                name: "kaifa-ma304h3e",
                title: "Kaifa MA304H3E (Norway)",
                line: Line::HAN,
                phases: 3,
                pace: Pace { every: 2000, hourly: None },
                keys: None,
                speech: Speech::Hdlc(kaifa::HEADER, kaifa::push),
            },
            Self::KaifaMa105h2e => Row {
                name: "kaifa-ma105h2e",
                title: "Kaifa MA105H2E (Norway, one phase)",
                phases: 1,
                ..Self::KaifaMa304h3e.row()
            },
            Self::Aidon6525 => Row {
                name: "aidon-6525",
                title: "Aidon 6525 (Norway)",
                line: Line::HAN,
                phases: 3,
                pace: Pace { every: 2500, hourly: None },
                keys: None,
                speech: Speech::Hdlc(aidon::HEADER, aidon::push),
            },
            Self::AidonSweden => Row {
                name: "aidon-sweden",
                title: "Aidon (Sweden)",
                pace: Pace { every: 10_000, hourly: None },
                speech: Speech::Hdlc(aidon::HEADER, aidon::push_swedish),
                ..Self::Aidon6525.row()
            },
            Self::Kamstrup6841121 => Row {
                name: "kamstrup-6841121",
                title: "Kamstrup 6841121 (Norway)",
                line: Line::HAN,
                phases: 3,
                pace: Pace { every: 10_000, hourly: Some(5000) },
                keys: None,
                speech: Speech::Hdlc(kamstrup::HEADER, kamstrup::push),
            },
            Self::Dsmr5 => Row {
                name: "dsmr-5",
                title: "DSMR 5 (Netherlands, with gas)",
                line: Line::P1,
                phases: 3,
                pace: Pace { every: 1000, hourly: None },
                keys: None,
                speech: Speech::Line(Protocol::P1, dsmr::version_5),
            },
            Self::Dsmr5SinglePhase => Row {
                name: "dsmr-5-single-phase",
                title: "DSMR 5 (Netherlands, one phase)",
                phases: 1,
                speech: Speech::Line(Protocol::P1, dsmr::version_5_single_phase),
                ..Self::Dsmr5.row()
            },
            Self::Dsmr4 => Row {
                name: "dsmr-4",
                title: "DSMR 4 (Netherlands, with gas)",
                pace: Pace { every: 10_000, hourly: None },
                speech: Speech::Line(Protocol::P1, dsmr::version_4),
                ..Self::Dsmr5.row()
            },
            Self::Dsmr2 => Row {
                name: "dsmr-2.2",
                title: "DSMR 2.2 (Netherlands, with gas)",
                line: Line::P1_OLD,
                phases: 1,
                speech: Speech::Line(Protocol::P1, dsmr::version_2),
                ..Self::Dsmr4.row()
            },
            Self::Emucs17 => Row {
                name: "emucs-1.7",
                title: "e-MUCS 1.7 (Belgium, with gas and water)",
                speech: Speech::Line(Protocol::P1, emucs::version_1_7),
                ..Self::Dsmr5.row()
            },
            Self::SwedishP1 => Row {
                name: "swedish-p1",
                title: "P1 (Sweden)",
                speech: Speech::Line(Protocol::P1, swedish::push),
                ..Self::Dsmr4.row()
            },
            Self::LuxembourgSmartyPlain => Row {
                name: "luxembourg-smarty-plain",
                title: "Smarty (Luxembourg, unencrypted, with gas)",
                speech: Speech::Line(Protocol::P1, smarty::push),
                ..Self::Dsmr4.row()
            },
            Self::KaifaMa309m => Row {
                name: "kaifa-ma309m",
                title: "Kaifa MA309M (Austria, encrypted)",
                line: Line::HAN,
                phases: 3,
                pace: Pace { every: 5000, hourly: None },
                keys: Some(ma309m::KEYS),
                speech: Speech::Line(Protocol::DlmsMbus, ma309m::push),
            },
            Self::LandisGyrE450 => Row {
                name: "landis-gyr-e450",
                title: "Landis+Gyr E450 (Switzerland, encrypted)",
                keys: Some(e450::KEYS),
                speech: Speech::Line(Protocol::DlmsHdlc, e450::push),
                ..Self::KaifaMa309m.row()
            },
            Self::IskraemecoAm550 => Row {
                name: "iskraemeco-am550",
                title: "Iskraemeco AM550 (Switzerland)",
                line: Line::P1,
                keys: None,
                speech: Speech::Line(Protocol::DlmsHdlc, am550::push),
                ..Self::KaifaMa309m.row()
            },
            Self::SagemcomXt211 => Row {
                name: "sagemcom-xt211",
                title: "Sagemcom XT211 (Czechia)",
                line: Line { baud: 9600, ..Line::P1 },
                pace: Pace { every: 60_000, hourly: None },
                keys: None,
                speech: Speech::Line(Protocol::DlmsRaw, xt211::push),
                ..Self::KaifaMa309m.row()
            },
            Self::LuxembourgSmarty => Row {
                name: "luxembourg-smarty",
                title: "Smarty (Luxembourg, encrypted, with gas)",
                keys: Some(smarty::KEYS),
                speech: Speech::Line(Protocol::P1Encrypted, smarty::push_sealed),
                ..Self::LuxembourgSmartyPlain.row()
            },
            Self::Multical403 => Row {
                name: "multical-403",
                title: "Kamstrup MULTICAL 403 (heat)",
                line: Line::KMP,
                phases: 1,
                pace: Pace { every: 10_000, hourly: None },
                keys: None,
                speech: Speech::Line(Protocol::Kmp, multical::answer),
            },
            Self::FlowIq2200 => Row {
                name: "flowiq-2200",
                title: "Kamstrup flowIQ 2200 (water)",
                speech: Speech::Line(Protocol::Kmp, flowiq::answer),
                ..Self::Multical403.row()
            },
            Self::IskraMt175 => Row {
                name: "iskra-mt175",
                title: "Iskra MT175 (Germany)",
                line: Line::INFRARED,
                phases: 3,
                pace: Pace { every: 1000, hourly: None },
                keys: None,
                speech: Speech::Line(Protocol::Sml, ehz::open),
            },
            Self::HolleyDtz541Locked => Row {
                name: "holley-dtz541-locked",
                title: "Holley DTZ541 (Germany, locked)",
                speech: Speech::Line(Protocol::Sml, ehz::locked),
                ..Self::IskraMt175.row()
            },
            Self::DzgDvs74 => Row {
                name: "dzg-dvs74",
                title: "DZG DVS74 (Germany, older)",
                speech: Speech::Line(Protocol::Sml, ehz::short_power),
                ..Self::IskraMt175.row()
            },
            Self::EasyMeterQ3d => Row {
                name: "easymeter-q3d",
                title: "EasyMeter Q3D (Germany)",
                line: Line::P1_OLD,
                phases: 3,
                pace: Pace { every: 2000, hourly: None },
                keys: None,
                speech: Speech::Line(Protocol::Iec62056, optical::push),
            },
            Self::Siemens2wr5 => Row {
                name: "siemens-2wr5",
                title: "Siemens 2WR5 (heat)",
                phases: 1,
                pace: Pace { every: 10_000, hourly: None },
                speech: Speech::Line(Protocol::Iec62056, optical::answer),
                ..Self::EasyMeterQ3d.row()
            },
            Self::LinkyHistoric => Row {
                name: "linky-historic",
                title: "Linky (France, historic mode)",
                line: Line { baud: 1200, ..Line::INFRARED },
                phases: 1,
                pace: Pace { every: 2000, hourly: None },
                keys: None,
                speech: Speech::Line(Protocol::TicHistoric, linky::historic),
            },
            Self::LinkyHistoricThreePhases => Row {
                name: "linky-historic-three-phases",
                title: "Linky (France, historic mode, three phases)",
                phases: 3,
                pace: Pace { every: 3000, hourly: None },
                speech: Speech::Line(Protocol::TicHistoric, linky::historic_three_phases),
                ..Self::LinkyHistoric.row()
            },
            Self::LinkyTempo => Row {
                name: "linky-tempo",
                title: "Linky (France, historic mode, Tempo)",
                // Its frame takes 2.3 s, and the next one follows at once.
                pace: Pace { every: 2500, hourly: None },
                speech: Speech::Line(Protocol::TicHistoric, linky::tempo),
                ..Self::LinkyHistoric.row()
            },
            Self::LinkyStandard => Row {
                name: "linky-standard",
                title: "Linky (France, standard mode)",
                line: Line::INFRARED,
                pace: Pace { every: 2000, hourly: None },
                speech: Speech::Line(Protocol::TicStandard, linky::standard),
                ..Self::LinkyHistoric.row()
            },
            Self::LinkyStandardThreePhases => Row {
                name: "linky-standard-three-phases",
                title: "Linky (France, standard mode, three phases)",
                phases: 3,
                ..Self::LinkyStandard.row()
            },
            Self::LinkyProducer => Row {
                name: "linky-producer",
                title: "Linky (France, standard mode, with solar power)",
                speech: Speech::Line(Protocol::TicStandard, linky::producer),
                ..Self::LinkyStandard.row()
            },
            Self::UltraheatT550 => Row {
                name: "ultraheat-t550",
                title: "Landis+Gyr ULTRAHEAT T550 (M-Bus, heat)",
                line: Line::HAN,
                phases: 1,
                pace: Pace { every: 10_000, hourly: None },
                keys: None,
                speech: Speech::Line(Protocol::Mbus, ultraheat::answer),
            },
            Self::CybleWater => Row {
                name: "cyble-water",
                title: "Itron with CYBLE (M-Bus, water)",
                speech: Speech::Line(Protocol::Mbus, cyble::answer),
                ..Self::UltraheatT550.row()
            },
            Self::OmsElectricity => Row {
                name: "oms-electricity",
                title: "OMS electricity meter (M-Bus)",
                phases: 3,
                speech: Speech::Line(Protocol::Mbus, oms::answer),
                ..Self::UltraheatT550.row()
            },
            Self::OmsElectricityEncrypted => Row {
                name: "oms-electricity-encrypted",
                title: "OMS electricity meter (M-Bus, encrypted)",
                keys: Some(Keys { encryption: oms::KEY, authentication: None }),
                speech: Speech::Line(Protocol::Mbus, oms::encrypted),
                ..Self::OmsElectricity.row()
            },
        }
    }
}

/// The moments at which a meter sends, in milliseconds of its own clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The meter sends at every multiple of this number of milliseconds.
    every: i64,
    /// If given, the meter also sends this many milliseconds after each full hour.
    hourly: Option<i64>,
}

impl Pace {
    /// The first moment of sending after `moment`.
    pub(crate) fn after(self, moment: i64) -> i64 {
        let regular = next(moment, self.every, 0);
        self.hourly.map_or(regular, |behind| regular.min(next(moment, HOUR, behind)))
    }
}

/// What a meter sends, and in which frames.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Speech {
    /// The information for HDLC frames.
    Hdlc(Header, Push),
    /// The bytes on the line.
    Line(Protocol, Push),
}

/// Builds what a meter sends at a moment, given in milliseconds since 1970.
pub(crate) type Push = fn(&Household, i64) -> (Vec<u8>, Truth);

/// The first moment after `moment` that is `behind` milliseconds after a multiple of `every`.
fn next(moment: i64, every: i64, behind: i64) -> i64 {
    moment + every - (moment - behind).rem_euclid(every)
}

const HOUR: i64 = 3_600_000;
