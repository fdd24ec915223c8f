//! [`Text`]: a text of one language.

use toml::Value;

/// A text, or its plural forms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Text {
    /// One form.
    Plain(String),
    /// For a count of one, and for any other.
    Plural {
        /// The form for one.
        one: String,
        /// The form for all others.
        other: String,
    },
}

impl Text {
    /// The text of a value; `None` if it is none.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Some(Self::Plain(text.to_owned()));
        }
        let forms = value.as_table().filter(|forms| forms.len() == 2)?;
        let form = |name: &str| forms.get(name)?.as_str().map(str::to_owned);
        Some(Self::Plural { one: form("one")?, other: form("other")? })
    }

    /// Its forms.
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

    /// Whether an element stands within it.
    #[must_use]
    pub fn has_element(&self) -> bool {
        self.forms().iter().any(|form| form.contains('['))
    }

    /// The names of what is filled in, in the order of their first use; `count` of plural forms is the first.
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

    /// Checks that it can stand for the English text.
    ///
    /// # Errors
    /// What is different.
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
                return Err("has not the one element in […] that the English text has".to_owned());
            }
            if elements > 0 && !self.arguments().is_empty() {
                return Err("has arguments beside an element in […]".to_owned());
            }
            if form.contains(['\n', '\u{1f}']) || form.trim() != form || form.is_empty() {
                return Err("is empty, begins or ends with a space, or has lines".to_owned());
            }
        }
        Ok(())
    }

    /// The text as the page gets it: `{0}` instead of `{name}`, and plural forms one after the other.
    #[must_use]
    pub fn numbered(&self, names: &[String]) -> String {
        let mut text = self.forms().join("\u{1f}");
        for (number, name) in names.iter().enumerate() {
            text = text.replace(&format!("{{{name}}}"), &format!("{{{number}}}"));
        }
        text
    }
}
