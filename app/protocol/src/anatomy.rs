//! [`Layer`] and [`Field`]: the parts of a telegram, in terms that the window can show without knowing the protocol.

use metertap_decoder::anatomy::{self, Stage};
use metertap_readings::fault::Code;
use serde::{Deserialize, Serialize};

/// A run of bytes and the fields in it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Layer {
    /// What was done to the bytes. The first layer holds the bytes as received.
    pub title: String,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub octets: Vec<u8>,
    /// The fields. An outer field comes before the fields inside it. The innermost fields together cover all bytes.
    pub fields: Vec<Field>,
}

/// Bytes that belong together.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Field {
    /// The index of the first byte, from 0.
    pub at: usize,
    /// The number of bytes.
    pub length: usize,
    /// The number of fields around this one.
    pub depth: u8,
    /// The stage of decoding that reads this field.
    pub stage: Stage,
    /// The standard's name for the field.
    pub name: String,
    /// The decoded value.
    pub value: Option<String>,
    /// The error in this field, with technical details.
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
    /// The indices of the innermost fields, in the order of the bytes.
    pub fn leaves(&self) -> impl Iterator<Item = usize> {
        let depth = |place: usize| self.fields.get(place).map(|field| field.depth);
        (0..self.fields.len()).filter(move |place| depth(place + 1) <= depth(*place))
    }
}
