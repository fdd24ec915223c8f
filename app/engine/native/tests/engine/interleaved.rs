//! Two operations at once. The second one begins at every possible step of the first.

use std::cell::Cell;
use std::rc::Rc;

use metertap_native::{Handle, Tab, World};
use metertap_protocol::{Command, Event, ImportState};
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;
use metertap_readings::store::disk::Shelf;
use metertap_simulator::Model;

use crate::files::{exported, import_state};
use crate::house::*;

fn imports(tab: &Tab) -> usize {
    tab.last(|event| match event {
        Event::Imports { imports } => Some(imports.len()),
        _ => None,
    })
    .expect("it is reported")
}

fn assert_nothing_is_left(world: &World, tab: &Tab, key: &MeterKey, moment: usize) {
    assert_eq!((tab.meters(), imports(tab)), (vec![], 0), "at step {moment}");
    for log in [key.0.clone(), format!("{}+1", key.0)] {
        for shelf in Shelf::ALL {
            let numbers = world.disks().log().numbers(*shelf, &MeterKey(log.clone()));
            assert_eq!(numbers, Vec::<i64>::new(), "{log} {shelf:?}, at step {moment}");
        }
    }
}

/// An import must not take effect between the removal of the meter's imports and the removal of the meter. It would
/// belong to no meter.
#[test]
fn removing_a_meter_at_any_moment_of_an_import_leaves_no_import_behind() {
    let (_, file) = exported(&World::default());
    let mut ended_late = 0;
    for moment in 0.. {
        let world = World::default();
        let tab = opened(&world);
        let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
        world.run(11 * SECOND);
        tab.send(Command::Read { meter: key.clone(), on: false });
        world.run(SECOND);
        let import = Command::Import { id: 2, meter: Some(key.clone()), plan: None, run: true };
        tab.send_beside(import, Handle::File(Rc::clone(&file)));
        let steps = Cell::new(0);
        world.run_until(MINUTE, || steps.replace(steps.get() + 1) == moment);
        let is_over = tab.last(|event| matches!(event, Event::Import { .. }).then_some(())).is_some()
            && matches!(import_state(&tab), ImportState::Complete(_));
        tab.send(Command::Remove { meter: key.clone() });
        world.run(MINUTE);
        assert_nothing_is_left(&world, &tab, &key, moment);
        match import_state(&tab) {
            ImportState::Refused(trouble) => {
                assert_eq!(trouble.code, Code::ImportMeterGone, "at step {moment}")
            }
            state => {
                assert!(matches!(state, ImportState::Complete(_)), "{state:?}, at step {moment}");
                ended_late += usize::from(!is_over);
            }
        }
        tab.crash();
        let tab = opened(&world);
        world.run(SECOND);
        assert_nothing_is_left(&world, &tab, &key, moment);
        if is_over {
            assert!(moment > 10, "there were moments in between");
            break;
        }
    }
    assert!(ended_late > 0, "some ended while the meter was being removed");
}
