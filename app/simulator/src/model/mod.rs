//! [`Model`]: the meters that can be simulated, and their names.

mod row;

use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;

use crate::keys::Keys;

pub(crate) use self::row::{Row, Speech};

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
    /// Dutch DSMR 5 with one phase and a telegram as short as that version allows.
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
    /// Luxembourg's Smarty, encrypted as it leaves the port.
    LuxembourgSmarty,
    /// Kamstrup heat meter, asked at its optical head.
    Multical403,
    /// Kamstrup water meter, asked at its optical head.
    FlowIq2200,
    /// German Iskra with an unlocked infrared interface.
    IskraMt175,
    /// German Holley whose PIN has not been entered.
    HolleyDtz541Locked,
    /// German DZG of the first generation, in a house with solar panels.
    DzgDvs74,
    /// German EasyMeter that prints its readout without being asked.
    EasyMeterQ3d,
    /// Siemens heat meter that prints its readout on request.
    Siemens2wr5,
    /// Landis+Gyr heat meter on an M-Bus.
    UltraheatT550,
    /// Itron water meter on an M-Bus.
    CybleWater,
    /// Electricity meter on an M-Bus.
    OmsElectricity,
    /// The same, encrypted.
    OmsElectricityEncrypted,
    /// French Linky as delivered, with one phase and off-peak hours.
    LinkyHistoric,
    /// The same with three phases and one tariff.
    LinkyHistoricThreePhases,
    /// French Linky as delivered, with one phase and the coloured days of the tariff Tempo.
    LinkyTempo,
    /// French Linky that was switched to standard mode, with one phase.
    LinkyStandard,
    /// The same with three phases.
    LinkyStandardThreePhases,
    /// French Linky in standard mode, with one phase, in a house that exports solar power.
    LinkyProducer,
    /// Austrian Kaifa, encrypted, in M-Bus frames.
    KaifaMa309m,
    /// Swiss Landis+Gyr, encrypted, in blocks of a general block transfer.
    LandisGyrE450,
    /// Swiss Iskraemeco, in several HDLC frames.
    IskraemecoAm550,
    /// Czech Sagemcom, without a link layer.
    SagemcomXt211,
}

impl Model {
    /// All models, in display order.
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
        Self::LinkyHistoric,
        Self::LinkyHistoricThreePhases,
        Self::LinkyTempo,
        Self::LinkyStandard,
        Self::LinkyStandardThreePhases,
        Self::LinkyProducer,
        Self::KaifaMa309m,
        Self::LandisGyrE450,
        Self::IskraemecoAm550,
        Self::SagemcomXt211,
    ];

    /// A stable identifier for files, links and scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().map_or("", |words| words.name)
    }

    /// The model with this identifier.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|model| model.name() == name)
    }

    /// The name for display.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.words().map_or("", |words| words.title)
    }

    /// The settings of the line to its port.
    #[must_use]
    pub const fn line(self) -> Line {
        self.row().line
    }

    /// The protocol of the readings in its telegrams.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        // Every model has an entry, so the fallback is never used.
        self.words().map_or(Protocol::P1, |words| words.protocol)
    }

    /// The keys with which its telegrams are encrypted. `None` if they are not.
    #[must_use]
    pub fn keys(self) -> Option<Keys> {
        self.words().and_then(|words| words.keys)
    }

    fn words(self) -> Option<&'static Words> {
        let place = Self::ALL.iter().position(|model| *model == self)?;
        WORDS.get(place)
    }
}

/// The facts about a model that need none of the code that builds its telegrams.
#[derive(Clone, Copy)]
struct Words {
    name: &'static str,
    title: &'static str,
    protocol: Protocol,
    keys: Option<Keys>,
}

/// The facts about each model. The compiler copies them out of its row. A program that only names models therefore does
/// not link the code that builds their telegrams.
static WORDS: [Words; Model::ALL.len()] = {
    let mut words = [Words { name: "", title: "", protocol: Protocol::P1, keys: None }; Model::ALL.len()];
    let mut place = 0;
    while place < words.len() {
        let row = Model::ALL[place].row();
        let protocol = match row.speech {
            Speech::Hdlc(..) => Protocol::DlmsHdlc,
            Speech::Line(protocol, _) => protocol,
        };
        words[place] = Words { name: row.name, title: row.title, protocol, keys: row.keys };
        place += 1;
    }
    words
};
