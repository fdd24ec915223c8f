//! [`Arriving`]: decides which settings of a backup are written.

use metertap_decoder::cipher::Keys;

use super::Setting;
use crate::store::MeterKey;

/// The settings of a backup that are to be restored.
#[derive(Clone, Debug, Default)]
pub struct Arriving {
    pub(super) settings: Vec<Setting>,
    pub(super) replaces: bool,
    /// Meters that are removed, with the names of those that replace them.
    pub(super) successors: Vec<(MeterKey, MeterKey)>,
}

impl Arriving {
    /// Returns the settings to write, given those that are here. If meters are merged, the settings here stay, and
    /// those that are missing are added. If meters are replaced, the backup's settings are taken, with two exceptions:
    /// a meter keeps the keys that it has here, and the broker here stays if it is the same one and is switched on.
    #[must_use]
    pub fn beside(self, here: &[Setting]) -> Vec<Setting> {
        let Self { settings, replaces, successors } = self;
        let mut settled: Vec<Setting> = Vec::new();
        for (is, key) in successors.into_iter().filter(|_| replaces) {
            let kept = here.iter().find_map(|setting| match setting {
                Setting::Keys(meter, keys) if *meter == is && keys.keys != Keys::default() => Some(keys),
                _ => None,
            });
            settled.extend(kept.map(|keys| Setting::Keys(key, keys.clone())));
        }
        for setting in settings {
            let stays = here
                .iter()
                .any(|known| if replaces { is_on(known, &setting) } else { known.name() == setting.name() });
            if !stays && settled.iter().all(|known| known.name() != setting.name()) {
                settled.push(setting);
            }
        }
        settled
    }
}

/// Whether both are the same broker, and the user has it switched on here.
fn is_on(here: &Setting, backup: &Setting) -> bool {
    match (here, backup) {
        (Setting::Broker(here), Setting::Broker(backup)) => {
            here.on && (&here.url, &here.user) == (&backup.url, &backup.user)
        }
        _ => false,
    }
}
