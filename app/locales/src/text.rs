//! [`Text`]: a text of one language.

use toml::Value;

/// A text in one form or in two plural forms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Text {
    /// One form.
    Plain(String),
    /// One form for a count of one, and one for any other count.
    Plural {
        /// The form for one.
        one: String,
        /// The form for all others.
        other: String,
    },
}

impl Text {
    /// Reads a text from a TOML value; `None` if the value is neither a string nor a table of two plural forms.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Some(Self::Plain(text.to_owned()));
        }
        let forms = value.as_table().filter(|forms| forms.len() == 2)?;
        let form = |name: &str| forms.get(name)?.as_str().map(str::to_owned);
        Some(Self::Plural { one: form("one")?, other: form("other")? })
    }

    /// Returns its forms: one, or `one` and `other`.
    #[must_use]
    pub fn forms(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::Plural { one, other } => vec![one, other],
        }
    }

    /// Whether it has plural forms.
    #[must_use]
    pub const fn is_plural(&self) -> bool {
        matches!(self, Self::Plural { .. })
    }

    /// Whether it contains an element in `[…]`.
    #[must_use]
    pub fn has_element(&self) -> bool {
        self.forms().iter().any(|form| form.contains('['))
    }

    /// Returns the names of its arguments in the order of their first use. With plural forms, `count` comes first.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut names: Vec<String> = self.is_plural().then(|| "count".to_owned()).into_iter().collect();
        for form in self.forms() {
            for (name, _) in form.split('{').skip(1).filter_map(|rest| rest.split_once('}')) {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        names
    }

    /// Checks that it can take the place of the English text.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence that begins with the text's key.
    pub fn fits(&self, english: &Self) -> Result<(), String> {
        let sorted = |text: &Self| {
            let mut names = text.arguments();
            names.sort();
            names
        };
        if self.is_plural() != english.is_plural() {
            return Err("has plural forms in one language only".to_owned());
        }
        if sorted(self) != sorted(english) {
            return Err(format!("has the arguments {:?}, not {:?}", self.arguments(), english.arguments()));
        }
        for form in self.forms() {
            let elements = form.matches('[').count();
            if elements > 1
                || form.matches(']').count() != elements
                || self.has_element() != english.has_element()
            {
                return Err("needs one element in […] exactly if the English text has one".to_owned());
            }
            if elements > 0 && !self.arguments().is_empty() {
                return Err("has arguments beside an element in […]".to_owned());
            }
            if form.contains(['\n', '\u{1f}']) || form.trim() != form || form.is_empty() {
                return Err("is empty, begins or ends with a space, or has more than one line".to_owned());
            }
        }
        Ok(())
    }

    /// Returns the text as the page gets it: `{0}` instead of `{name}`, and U+001F between plural forms.
    #[must_use]
    pub fn numbered(&self, names: &[String]) -> String {
        let mut text = self.forms().join("\u{1f}");
        for (number, name) in names.iter().enumerate() {
            text = text.replace(&format!("{{{name}}}"), &format!("{{{number}}}"));
        }
        text
    }
}
