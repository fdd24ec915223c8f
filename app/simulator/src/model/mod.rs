//! [`Model`]: the meters that can be simulated, and how a person calls them.

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
    /// French Linky as it comes out of the factory, with one phase and off-peak hours.
    LinkyHistoric,
    /// The same with three phases and one tariff.
    LinkyHistoricThreePhases,
    /// The same with the coloured days of Tempo.
    LinkyTempo,
    /// French Linky that was switched to standard mode, with one phase.
    LinkyStandard,
    /// The same with three phases.
    LinkyStandardThreePhases,
    /// The same behind which the sun shines.
    LinkyProducer,
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

    /// A stable word for files, links and scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().map_or("", |words| words.name)
    }

    /// The model of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|model| model.name() == name)
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.words().map_or("", |words| words.title)
    }

    /// How the line to its port is set.
    #[must_use]
    pub const fn line(self) -> Line {
        self.row().line
    }

    /// The protocol of the readings that its telegrams become.
    #[must_use]
    pub fn protocol(self) -> Protocol {
        // Each model has its words.
        self.words().map_or(Protocol::P1, |words| words.protocol)
    }

    /// The keys that its telegrams are ciphered with, where they are.
    #[must_use]
    pub fn keys(self) -> Option<Keys> {
        self.words().and_then(|words| words.keys)
    }

    fn words(self) -> Option<&'static Words> {
        let place = Self::ALL.iter().position(|model| *model == self)?;
        WORDS.get(place)
    }
}

/// What is said of a model without having it speak.
#[derive(Clone, Copy)]
struct Words {
    name: &'static str,
    title: &'static str,
    protocol: Protocol,
    keys: Option<Keys>,
}

/// Those of each model, taken out of its row by the compiler: a program that names the models need not carry all that they
/// can say.
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
