//! [`Layer`] and [`Field`]: a telegram taken apart, in words that the window can show without knowing a protocol.

use metertap_decoder::anatomy::{self, Stage};
use metertap_readings::fault::Code;
use serde::{Deserialize, Serialize};

/// Octets, and what they consist of.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Layer {
    /// What was done to the octets; the first layer is as they were heard.
    pub title: String,
    /// The octets.
    #[serde(with = "serde_bytes")]
    pub octets: Vec<u8>,
    /// Outer fields before the ones that are in them; the innermost ones cover the octets.
    pub fields: Vec<Field>,
}

/// Octets that belong together.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Field {
    /// The first octet, from 0.
    pub at: usize,
    /// How many octets.
    pub length: usize,
    /// In how many other fields it is.
    pub depth: u8,
    /// Who deals with it.
    pub stage: Stage,
    /// The standard's word for it.
    pub name: String,
    /// What it says.
    pub value: Option<String>,
    /// What is wrong with it, and the technical small print.
    pub fault: Option<(Code, String)>,
}

impl From<anatomy::Layer> for Layer {
    fn from(layer: anatomy::Layer) -> Self {
        let fields = layer.fields.into_iter().map(Field::from).collect();
        Self { title: layer.title.to_owned(), octets: layer.octets, fields }
    }
}

impl From<anatomy::Field> for Field {
    fn from(field: anatomy::Field) -> Self {
        Self {
            at: field.at,
            length: field.length,
            depth: field.depth,
            stage: field.stage,
            name: field.name.to_owned(),
            value: field.value,
            fault: field.fault.map(|fault| (Code::from(&fault), fault.to_string())),
        }
    }
}

impl Layer {
    /// The places of the innermost fields, in the order of the octets.
    pub fn leaves(&self) -> impl Iterator<Item = usize> {
        let depth = |place: usize| self.fields.get(place).map(|field| field.depth);
        (0..self.fields.len()).filter(move |place| depth(place + 1) <= depth(*place))
    }
}
