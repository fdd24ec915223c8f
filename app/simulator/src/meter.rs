//! [`Meter`]: an endless run of telegrams at the pace of one [`Model`].

use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;

use crate::hdlc::{self, Header};
use crate::household::Household;
use crate::truth::{Telegram, Truth};
use crate::{
    aidon, am550, cyble, dsmr, e450, ehz, emucs, flowiq, kaifa, kamstrup, ma309m, multical, oms, optical,
    smarty, swedish, ultraheat, xt211,
};

/// The meters that can be simulated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Model {
    /// Norwegian Kaifa with three phases.
    KaifaMa304h3e,
    /// Norwegian Kaifa with one phase.
    KaifaMa105h2e,
    /// Norwegian Aidon in an IT network.
    Aidon6525,
    /// Swedish Aidon with three phases.
    AidonSweden,
    /// Norwegian Kamstrup with three phases.
    Kamstrup6841121,
    /// Dutch DSMR 5 with three phases and gas.
    Dsmr5,
    /// Dutch DSMR 5 with one phase and a telegram as short as they come.
    Dsmr5SinglePhase,
    /// Dutch DSMR 4 with three phases and gas.
    Dsmr4,
    /// Dutch DSMR 2.2 with gas.
    Dsmr2,
    /// Belgian e-MUCS 1.7 with gas and water.
    Emucs17,
    /// Swedish P1.
    SwedishP1,
    /// Luxembourg's Smarty, unencrypted.
    LuxembourgSmartyPlain,
    /// Luxembourg's Smarty, as it comes out of the port.
    LuxembourgSmarty,
    /// Kamstrup heat meter that is asked over its optical eye.
    Multical403,
    /// Kamstrup water meter that is asked over its optical eye.
    FlowIq2200,
    /// German Iskra with an open infrared eye.
    IskraMt175,
    /// German Holley whose PIN was not entered.
    HolleyDtz541Locked,
    /// German DZG of the first generation, behind which the sun shines.
    DzgDvs74,
    /// German EasyMeter that prints its readout unasked.
    EasyMeterQ3d,
    /// Siemens heat meter that is asked for its readout.
    Siemens2wr5,
    /// Landis+Gyr heat meter on an M-Bus.
    UltraheatT550,
    /// Itron water meter on an M-Bus.
    CybleWater,
    /// Electricity meter on an M-Bus.
    OmsElectricity,
    /// The same, encrypted.
    OmsElectricityEncrypted,
    /// Austrian Kaifa, encrypted, in M-Bus frames.
    KaifaMa309m,
    /// Swiss Landis+Gyr, encrypted, in blocks.
    LandisGyrE450,
    /// Swiss Iskraemeco, in segments.
    IskraemecoAm550,
    /// Czech Sagemcom, without a link layer.
    SagemcomXt211,
}

impl Model {
    /// All of them, in the order to show them in.
    pub const ALL: &'static [Self] = &[
        Self::KaifaMa304h3e,
        Self::KaifaMa105h2e,
        Self::Aidon6525,
        Self::AidonSweden,
        Self::Kamstrup6841121,
        Self::Dsmr5,
        Self::Dsmr5SinglePhase,
        Self::Dsmr4,
        Self::Dsmr2,
        Self::Emucs17,
        Self::SwedishP1,
        Self::LuxembourgSmartyPlain,
        Self::LuxembourgSmarty,
        Self::Multical403,
        Self::FlowIq2200,
        Self::IskraMt175,
        Self::HolleyDtz541Locked,
        Self::DzgDvs74,
        Self::EasyMeterQ3d,
        Self::Siemens2wr5,
        Self::UltraheatT550,
        Self::CybleWater,
        Self::OmsElectricity,
        Self::OmsElectricityEncrypted,
        Self::KaifaMa309m,
        Self::LandisGyrE450,
        Self::IskraemecoAm550,
        Self::SagemcomXt211,
    ];

    /// A stable word for files, links and scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// The model of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|model| model.name() == name)
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.words().1
    }

    /// How the line to its port is set.
    #[must_use]
    pub const fn line(self) -> Line {
        self.row().line
    }

    /// The protocol of the readings that its telegrams become.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self.row().speech {
            Speech::Hdlc(..) => Protocol::DlmsHdlc,
            Speech::Line(protocol, _) => protocol,
        }
    }

    /// The keys that its telegrams are ciphered with, where they are.
    #[must_use]
    pub const fn keys(self) -> Option<Keys> {
        self.row().keys
    }

    fn words(self) -> (&'static str, &'static str) {
        let place = Self::ALL.iter().position(|model| *model == self);
        place.and_then(|place| WORDS.get(place)).copied().unwrap_or_default()
    }

    const fn row(self) -> Row {
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

/// The keys of a simulated meter that encrypts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Keys {
    /// The encryption key (GUEK).
    pub encryption: [u8; 16],
    /// The authentication key (GAK), where the grid operator tells it.
    pub authentication: Option<[u8; 16]>,
}

/// One simulated meter.
///
/// An endless iterator of what it sends, a pure function of model, seed and start: the same three give the same
/// octets, and with a later start the counters stand where they would have got to.
#[derive(Clone, Debug)]
pub struct Meter {
    row: Row,
    household: Household,
    longest_information: usize,
    start: i64,
    /// Milliseconds since 1970 of the telegram sent last.
    last: i64,
    meter: Option<String>,
}

impl Meter {
    /// A meter that is listened to from so many seconds after 1970-01-01T00:00:00Z on.
    #[must_use]
    pub fn new(model: Model, seed: u64, start_unix_seconds: i64) -> Self {
        let row = model.row();
        let start = start_unix_seconds.saturating_mul(1000);
        Self {
            row,
            household: Household::new(seed, row.phases),
            longest_information: hdlc::LONGEST_INFORMATION,
            start,
            last: start.saturating_sub(1),
            meter: None,
        }
    }

    /// The same meter behind a link whose frames hold at most so many octets of information: longer lists come in
    /// several HDLC frames. P1 has no frames, and stays as it is.
    #[must_use]
    pub fn segmented(self, longest_information: usize) -> Self {
        Self { longest_information, ..self }
    }
}

impl Iterator for Meter {
    type Item = Telegram;

    fn next(&mut self) -> Option<Telegram> {
        let now = self.row.pace.after(self.last);
        self.last = now;
        let (octets, truth) = match self.row.speech {
            Speech::Hdlc(header, push) => {
                let (information, truth) = push(&self.household, now);
                (hdlc::frames(&header, &information, self.longest_information), truth)
            }
            Speech::Line(_, push) => push(&self.household, now),
        };
        self.meter = truth.meter.or(self.meter.take());
        let due = now.abs_diff(self.start);
        Some(Telegram { due, octets, truth: Truth { meter: self.meter.clone(), ..truth } })
    }
}

/// What distinguishes a model from the others.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: &'static str,
    title: &'static str,
    line: Line,
    phases: usize,
    pace: Pace,
    keys: Option<Keys>,
    speech: Speech,
}

/// Name and title of each model, taken out of its row by the compiler: a page that names the models need not carry all that
/// they can say.
static WORDS: [(&str, &str); Model::ALL.len()] = {
    let mut words = [("", ""); Model::ALL.len()];
    let mut place = 0;
    while place < words.len() {
        let row = Model::ALL[place].row();
        words[place] = (row.name, row.title);
        place += 1;
    }
    words
};

/// When a meter speaks, in milliseconds on its own clock.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// At every multiple of this.
    every: i64,
    /// And so long after each full hour.
    hourly: Option<i64>,
}

impl Pace {
    /// The first moment after that one.
    fn after(self, moment: i64) -> i64 {
        let regular = next(moment, self.every, 0);
        self.hourly.map_or(regular, |behind| regular.min(next(moment, HOUR, behind)))
    }
}

/// What a meter sends at a moment, and in which clothes. The moment is in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
enum Speech {
    /// The information of HDLC frames.
    Hdlc(Header, Push),
    /// Octets as they go over the line.
    Line(Protocol, Push),
}

type Push = fn(&Household, i64) -> (Vec<u8>, Truth);

/// The first moment after that one which is so far behind a multiple of `every`.
fn next(moment: i64, every: i64, behind: i64) -> i64 {
    moment + every - (moment - behind).rem_euclid(every)
}

const HOUR: i64 = 3_600_000;
