//! Keys of meters that encrypt: taken from a person, kept on this device and nowhere else, tried at once.

use std::rc::Rc;

use metertap_decoder::cipher::Keys;
use metertap_protocol::Trouble;
use metertap_readings::fault::Code;
use metertap_readings::files::backup::Setting;
use metertap_readings::store::MeterKey;
use metertap_readings::store::settings::{MeterKeys, key};

use super::desk::Desk;
use super::meter::Meter;
use super::trouble::{not_kept, trouble};
use crate::platform::Platform;
use crate::unlocking::try_keys;

impl<P: Platform> Desk<P> {
    /// The keys that are kept for a meter.
    pub(crate) async fn kept_keys(&self, meter: &MeterKey) -> MeterKeys {
        let text = self.log.setting(&Setting::of_keys(meter)).await.ok().flatten().unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Reads meters without keys with those that have been kept for them since.
    pub(crate) async fn find_new_keys(self: &Rc<Self>) {
        let unkeyed = |(key, meter): (&MeterKey, &Meter)| (!meter.state.keyed).then(|| key.clone());
        let unkeyed: Vec<MeterKey> = self.meters.borrow().iter().filter_map(unkeyed).collect();
        for key in unkeyed {
            let kept = self.kept_keys(&key).await;
            if kept.keys != Keys::default() {
                self.change(&key, |meter| meter.set_keys(kept));
                self.read_anew(&key).await;
            }
        }
    }

    /// Keeps keys, goes on reading with them, and says what they made of the last telegram that wanted a key.
    pub(crate) async fn unlock(self: &Rc<Self>, meter: &MeterKey, encryption: &str, authentication: &str) {
        let parsed = |text: &str| if text.trim().is_empty() { Some(None) } else { key(text).map(Some) };
        let (Some(encryption), Some(authentication)) = (parsed(encryption), parsed(authentication)) else {
            let wanted = "32 hexadecimal digits are wanted";
            return self.say(meter, trouble(Code::KeyForm, wanted, self.platform.moment()));
        };
        let typed = MeterKeys { keys: Keys { encryption, authentication }, from: None };
        let kept = Setting::Keys(meter.clone(), typed.clone());
        if let Err(error) = self.log.set_setting(&kept.name(), Some(&kept.value())).await {
            return self.say(meter, not_kept(&error, self.platform.moment()));
        }
        self.change(meter, |meter| meter.set_keys(typed));
        self.read_anew(meter).await;
        self.change(meter, |meter| try_keys(meter, self.platform.moment()));
        self.show(meter);
    }

    fn say(&self, meter: &MeterKey, trouble: Trouble) {
        self.change(meter, |meter| meter.state.trouble = Some(trouble));
        self.show(meter);
    }
}
