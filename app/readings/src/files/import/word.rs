//! [`Said`]: the meaning of the words in a title, by the rows of `words.toml`.

use super::format::Register;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meaning {
    Import,
    Export,
    Tariff1,
    Tariff2,
    TariffUnknown,
    Other,
    Position,
    Counted,
    Begin,
    End,
    Gas,
    Water,
    Heat,
}

/// The meanings of a text's words.
#[derive(Clone, Debug, Default)]
pub(super) struct Said(Vec<Meaning>);

impl Said {
    /// The meaning of the words in a text. *Teruglevering* contains *levering*, so words for export are looked for
    /// first.
    pub(super) fn of(text: &str) -> Self {
        let mut whole = Vec::new();
        let mut text = Self::in_words(text, &mut whole);
        let mut said = Vec::new();
        let export = WORDS.iter().filter(|(meaning, _)| *meaning == Meaning::Export);
        let others = WORDS.iter().filter(|(meaning, _)| *meaning != Meaning::Export);
        for (meaning, words) in export.chain(others) {
            let mut is_said = false;
            for word in *words {
                match word.strip_prefix('=') {
                    Some(word) => is_said |= whole.iter().any(|other| other == word),
                    None if text.contains(word) => {
                        is_said = true;
                        if *meaning == Meaning::Export {
                            text = text.replace(word, " ");
                        }
                    }
                    None => {}
                }
            }
            if is_said {
                said.push(*meaning);
            }
        }
        Self(said)
    }

    /// Returns the text in lower case, and appends its words to `words`. Words consist of letters and digits, and also
    /// end between a small and a capital letter.
    fn in_words(text: &str, words: &mut Vec<String>) -> String {
        let (mut whole, mut word, mut was_small) = (String::new(), String::new(), false);
        for letter in text.chars() {
            let ends = !letter.is_alphanumeric() || was_small && letter.is_uppercase();
            if ends && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            whole.extend(letter.to_lowercase());
            if letter.is_alphanumeric() {
                word.extend(letter.to_lowercase());
            }
            was_small = letter.is_lowercase();
        }
        words.push(word);
        whole
    }

    pub(super) fn says(&self, meaning: Meaning) -> bool {
        self.0.contains(&meaning)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).copied().collect())
    }

    /// Like [`Self::of`], but without the meanings that a text around a column does not give it: other uses, unknown
    /// tariffs, and the beginning and end of spans.
    pub(super) fn of_context(text: &str) -> Self {
        let mut said = Self::of(text);
        said.0.retain(|meaning| {
            !matches!(meaning, Meaning::Other | Meaning::TariffUnknown | Meaning::Begin | Meaning::End)
        });
        said
    }

    /// The register that is meant; `None` if the words mean no register, or more than one.
    pub(super) fn register(&self) -> Option<&'static Register> {
        use Meaning::{Export, Gas, Heat, Import, Other, Tariff1, Tariff2, TariffUnknown, Water};
        let says = |meaning| self.says(meaning);
        if says(Other) {
            return None;
        }
        let medium =
            [(Gas, "gas"), (Water, "water"), (Heat, "heat")].into_iter().find(|(medium, _)| says(*medium));
        if let Some((_, name)) = medium {
            return (!says(Export)).then(|| Register::named(name)).flatten();
        }
        let direction = match (says(Import), says(Export)) {
            (true, false) => "import",
            (false, true) => "export",
            _ => return None,
        };
        match (says(Tariff1), says(Tariff2), says(TariffUnknown)) {
            (false, false, false) => Register::named(direction),
            (true, false, false) => Register::named(&format!("{direction}-t1")),
            (false, true, false) => Register::named(&format!("{direction}-t2")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_say_which_register_is_meant() {
        for (title, register) in [
            ("Consumo_kWh", "import"),
            ("energiaVertida_kWh", "export"),
            ("Förbrukning kWh", "import"),
            ("StandNormaal Verbruik", "import-t2"),
            ("Verbruik laag tarief", "import-t1"),
            ("Teruglevering hoog tarief", "export-t2"),
            ("TerugleveringDal", "export-t1"),
            ("Netzbezug (kWh)", "import"),
            ("Active Export Interval (kWh)", "export"),
            ("pobór", "import"),
            ("oddanie", "export"),
            ("Wasser Zählerstand", "water"),
            ("water usage dl", "water"),
            ("Gasverbruik", "gas"),
        ] {
            assert_eq!(Said::of(title).register().map(|register| register.name), Some(register), "{title}");
        }
        for title in [
            "Wert",
            "Quantity",
            "Import and export",
            "Energy Produced (Wh)",
            "Consumption cost",
            "Afname Reactief",
            "energiaAutoconsumida_kWh",
            "Verbruik piek",
            "Consumo P2 (kWh)",
            "Gas Injection",
            "gasto",
        ] {
            assert_eq!(Said::of(title).register().map(|register| register.name), None, "{title}");
        }
    }
}
