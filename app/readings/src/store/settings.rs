//! A user's broker and a meter's keys, in the form in which they are stored.
//!
//! Both may come from a file, even a stranger's. In that case, `from` has the file's name until the user confirms the
//! broker or types the keys.

use metertap_decoder::cipher::Keys;
use metertap_decoder::hex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The broker that readings are forwarded to. The JSON leaves out `on` and `from` if they have their default values.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(remote = "Self")]
pub struct Broker {
    /// `ws://…` or `wss://…`.
    pub url: String,
    /// The user name; empty for none.
    pub user: String,
    /// The password; empty for none. It is also empty when the engine sends the settings to the window.
    pub password: String,
    /// The topic prefix, such as `meters`.
    pub base: String,
    /// Whether readings are sent there. A broker from a file is off until the user switches it on.
    #[serde(default = "always")]
    pub on: bool,
    /// The file that the address came from; `None` if the user gave it.
    #[serde(default)]
    pub from: Option<String>,
}

impl Broker {
    /// The settings as the user has confirmed them: switched on. If no password is given, and the `known` broker has
    /// the same address and user, that broker's password is kept. The window never gets a password, so it cannot send
    /// it back.
    #[must_use]
    pub fn switched_on(self, known: Option<Self>) -> Self {
        let same = known.filter(|known| (&known.url, &known.user) == (&self.url, &self.user));
        let password = match same {
            Some(known) if self.password.is_empty() => known.password,
            _ => self.password,
        };
        Self { password, on: true, from: None, ..self }
    }
}

impl Default for Broker {
    fn default() -> Self {
        let empty = String::new;
        Self { url: empty(), user: empty(), password: empty(), base: empty(), on: true, from: None }
    }
}

impl Serialize for Broker {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return Self::serialize(self, serializer);
        }
        let Self { url, user, password, base, on, from } = self;
        let (off, from) = ((!on).then_some(false), from.as_deref());
        KeptBroker { url, user, password, base, on: off, from }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Broker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

#[derive(Serialize)]
struct KeptBroker<'a> {
    url: &'a str,
    user: &'a str,
    password: &'a str,
    base: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
}

/// The keys of a meter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeterKeys {
    /// The keys.
    pub keys: Keys,
    /// The file that the keys came from; `None` if the user typed the keys.
    pub from: Option<String>,
}

/// The keys as they are stored, in hex.
#[derive(Deserialize, Serialize)]
struct Kept {
    encryption: Option<String>,
    authentication: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
}

impl Serialize for MeterKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hex = |key: [u8; 16]| hex::upper(&key);
        let Keys { encryption, authentication } = self.keys;
        let from = self.from.clone();
        Kept { encryption: encryption.map(hex), authentication: authentication.map(hex), from }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MeterKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Kept { encryption, authentication, from } = Kept::deserialize(deserializer)?;
        let parsed = |text: Option<String>| text.as_deref().and_then(key);
        let keys = Keys { encryption: parsed(encryption), authentication: parsed(authentication) };
        Ok(Self { keys, from })
    }
}

/// Parses a key of 32 hex digits. Spaces, hyphens and colons between them are ignored.
#[must_use]
pub fn key(text: &str) -> Option<[u8; 16]> {
    let is_digit = |letter: &char| !letter.is_whitespace() && !matches!(letter, '-' | ':');
    let digits: String = text.chars().filter(is_digit).collect();
    hex::read(digits)?.try_into().ok()
}

/// The default for settings from a version that could not switch a broker off.
fn always() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(url: &str, password: &str) -> Broker {
        let (url, user, base) = (url.into(), "house".into(), "meters".into());
        Broker { url, user, password: password.into(), base, ..Broker::default() }
    }

    fn from_file(url: &str, password: &str) -> Broker {
        Broker { on: false, from: Some("a.metertap".into()), ..broker(url, password) }
    }

    /// As version 0.1.0 of the page stored them.
    #[test]
    fn brokers_stored_by_earlier_builds_are_on_and_set_by_the_user() {
        let old = r#"{"url":"ws://pi:9001","user":"house","password":"p","base":"meters"}"#;
        let read: Broker = serde_json::from_str(old).unwrap();
        assert_eq!(read, broker("ws://pi:9001", "p"));
        assert_eq!(serde_json::to_string(&read).unwrap(), old, "and an older page reads it");
        let old = r#"{"encryption":"000102030405060708090A0B0C0D0E0F","authentication":null}"#;
        let read: MeterKeys = serde_json::from_str(old).unwrap();
        assert_eq!(read.keys.encryption.unwrap()[15], 15);
        assert_eq!((read.keys.authentication, &read.from), (None, &None));
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
    }

    #[test]
    fn on_and_from_are_stored() {
        for kept in [broker("ws://pi", "p"), from_file("ws://pi", "p")] {
            let text = serde_json::to_string(&kept).unwrap();
            assert_eq!(serde_json::from_str::<Broker>(&text).unwrap(), kept, "{text}");
        }
        let keys = Keys { encryption: Some([7; 16]), authentication: None };
        let keys = MeterKeys { keys, from: Some("a.metertap".into()) };
        let text = serde_json::to_string(&keys).unwrap();
        assert_eq!(serde_json::from_str::<MeterKeys>(&text).unwrap(), keys, "{text}");
    }

    #[test]
    fn a_password_is_sent_only_to_its_own_address_and_user() {
        let on = |named: Broker, known| named.switched_on(Some(known));
        assert_eq!(on(broker("ws://a", ""), from_file("ws://a", "p")), broker("ws://a", "p"));
        assert_eq!(on(from_file("ws://a", ""), from_file("ws://a", "p")), broker("ws://a", "p"));
        assert_eq!(on(broker("ws://a", "new"), from_file("ws://a", "p")), broker("ws://a", "new"));
        assert_eq!(on(broker("ws://b", ""), from_file("ws://a", "p")), broker("ws://b", ""));
        let other = Broker { user: "guest".into(), ..broker("ws://a", "") };
        assert_eq!(on(other.clone(), broker("ws://a", "p")), other);
        assert_eq!(broker("ws://a", "").switched_on(None), broker("ws://a", ""));
    }

    #[test]
    fn a_key_has_32_digits() {
        assert_eq!(key("00-01 02:03 0405060708090a0B0C0D0E0F"), key("000102030405060708090A0B0C0D0E0F"));
        for none in ["", "00", "g0010203040506070809 0A0B0C0D0E0F", "000102030405060708090A0B0C0D0E0F00"] {
            assert_eq!(key(none), None, "{none}");
        }
    }
}
