//! Faults of this page: its log and its programs.

use super::{Code, Words, say};

pub(super) const TABLE: &[(Code, Words)] = &[
    (
        Code::SimulatorModelUnknown,
        say(
            "This simulated meter is gone",
            "It is of a kind that this version no longer plays. Its readings are kept.",
            "Start another one, or remove it.",
        ),
    ),
    (
        Code::StoreFull,
        say(
            "There is no room left for readings",
            "The browser gives this page no more storage. The oldest readings have made room as far as they could; what \
             comes now is neither kept nor shown, and is tried again until there is room.",
            "Make room on the disk and restart the browser, or save the readings as a file and remove a meter that you \
             no longer need.",
        ),
    ),
    (
        Code::StoreThinned,
        say(
            "The oldest readings made room for new ones",
            "The browser gives this page no more storage. Totals of quarters of an hour and of days are all still there.",
            "Make room on the disk, or choose under Data for how long readings are kept.",
        ),
    ),
    (
        Code::StoreAged,
        say(
            "Readings that were older than you want them are gone",
            "Under Data you chose for how long readings are kept. Totals of quarters of an hour and of days are all still \
             there.",
            "Nothing has to be done. What shall be kept for longer, choose under Data.",
        ),
    ),
    (
        Code::ClockAhead,
        say(
            "The computer's clock may be wrong: nothing is deleted",
            "It is more than a day ahead of the last moment that is certain. Readings that are too old by it stay until \
             it is confirmed.",
            "If the clock is wrong, set it. If it is right, confirm it under Data: readings that are older than you want \
             to keep them are deleted then, and their totals stay.",
        ),
    ),
    (
        Code::ClockHours,
        say(
            "The meter's clock is whole hours off",
            "For a day now, it has shown another hour than this computer. Readings are kept, but those that carry the \
             meter's time count in the wrong hour.",
            "If this computer's clock is right, state under Meters, Settings, by how much the meter's clock is off, and \
             since when.",
        ),
    ),
    (
        Code::ClockZone,
        say(
            "Nobody knows this computer's time zone",
            "The browser does not say which one it is, or says one that it does not know itself. So days begin at midnight \
             UTC, in totals and in files alike, and meters' clocks that do not say their zone are taken for UTC.",
            "Set the time zone of this computer, and restart the browser.",
        ),
    ),
    (
        Code::StoreEvicted,
        say(
            "The browser has cleared your meters and readings",
            "This page kept meters in this browser, and their database is gone: browsers clear the data of pages when \
             the disk is full, unless they have promised not to.",
            "If you have saved a copy, bring it back in. Under Data you can ask the browser to keep what comes from now \
             on.",
        ),
    ),
    (
        Code::StoreMissing,
        say(
            "The browser gives this page no storage",
            "A private window or a setting forbids it, or the disk has failed. Without a log there is nothing to read \
             into. It is tried again every few seconds.",
            "Open the page in an ordinary window, and allow this site to keep data. If that does not help, restart the \
             browser.",
        ),
    ),
    (
        Code::StoreFailed,
        say(
            "A reading could not be kept",
            "The browser's storage refused it, and did not say that it is full.",
            "It is tried again. If that does not help, restart the browser, and check the disk of this computer.",
        ),
    ),
    (
        Code::StoreClosed,
        say(
            "The browser has taken the storage away",
            "The data of this page was cleared, or the disk failed. What was under way could not be finished, and \
             nothing of it counts.",
            "Do it again. If it comes again, restart the browser.",
        ),
    ),
    (
        Code::StoreCleared,
        say(
            "The browser has cleared this page's storage",
            "Reading goes on. Your meters and their newest readings were still in memory and are stored again. The small \
             print says which readings are gone, if any; their totals are gone too.",
            "If readings are gone and you have a backup, add it under Data, and ask the browser there to keep what comes \
             from now on. If you cleared it on purpose, remove your meters here.",
        ),
    ),
    (
        Code::StoreChecksum,
        say(
            "Some stored readings are damaged",
            "An hour of readings is no longer what was written, so it was left out. Everything else is there, and so are \
             the totals of that hour.",
            "Save a copy of your readings. If it comes again, check the disk of this computer.",
        ),
    ),
    (
        Code::StoreForeign,
        say(
            "Something else lies among the readings",
            "Another program, or a damaged disk, has put there what is no reading. It was left out.",
            "Save a copy of your readings. If it comes again, check the disk of this computer.",
        ),
    ),
    (
        Code::StoreMalformed,
        say(
            "Some stored readings make no sense",
            "They are what was written and cannot be read all the same. They were left out, and everything else is there.",
            "Please report this with the name in small print: it should never happen.",
        ),
    ),
    (
        Code::StoreVersion,
        say(
            "Some readings are of a newer version",
            "A newer version of this page has stored them in a form that this one does not know. They are left as they are, \
             and none are added to them.",
            "Reload the page, so that the newer version opens them.",
        ),
    ),
    (
        Code::StoreTooLarge,
        say(
            "A reading is too large to be kept",
            "It has more values, or longer texts, than any meter sends.",
            "Please send us the kept octets, so that it can be learned.",
        ),
    ),
    (
        Code::EngineOtherTab,
        say(
            "Another tab reads your meters",
            "It is of another version of this page, so that this one does not understand what it tells.",
            "Reload that tab, or close it: this one reads on by itself.",
        ),
    ),
    (
        Code::EngineNoLocks,
        say(
            "The browser does not let this page read meters",
            "Of several tabs one may write at a time, and the browser refuses the locks by which they take turns: this site \
             may not keep data.",
            "Allow this site to keep data, such as cookies. It is tried again by itself; if nothing changes, reload the page.",
        ),
    ),
    (
        Code::EngineWatches,
        say(
            "This tab only watches",
            "Another tab of this browser reads the meters and writes the log.",
            "Do it in that tab, or close that and try again here.",
        ),
    ),
    (
        Code::EngineLeft,
        say(
            "The other tab was closed before it was done",
            "It reads files for all tabs, and this one does so from now on. Nothing of the file was kept.",
            "Choose the file again.",
        ),
    ),
    (
        Code::EngineOtherBuild,
        say(
            "The page has been updated",
            "Half of it is still the former version.",
            "Reload the page. Your readings stay.",
        ),
    ),
    (
        Code::EnginePart,
        say(
            "A part of this page did not load",
            "It is fetched when it is used for the first time, and kept from then on.",
            "See that the address of this page can be reached, and try again. If it comes again, reload the page.",
        ),
    ),
    (
        Code::EngineHeldBack,
        say(
            "No meter is read: a protection is missing",
            "The rule on where data may be sent (Content-Security-Policy) is not in force in the part that reads the \
             meters: this page's host does not send it with that program.",
            "Reload the page: from the second visit on, this browser's own copy brings the rule. If it comes again, \
             whoever runs the host can send the rule with every file.",
        ),
    ),
    (
        Code::EngineHeldOff,
        say(
            "Something stays off, after it ended this page twice",
            "The small print says what. The page ended twice in a row soon after it had begun. No reading that was kept is \
             lost.",
            "Press Read, switch it on under Forward, or choose the file again. If the page ends again, leave it off and \
             report it.",
        ),
    ),
    (
        Code::EngineUncovered,
        say(
            "Meters are read without a protection",
            "The rule on where data may be sent (Content-Security-Policy) is in force in the page, but not in the part \
             that reads meters, stores readings and connects to your broker. A fault there could send readings to any \
             address.",
            "Open the page over https or from localhost, in a browser that allows service workers, or have its host send \
             the rule with every file.",
        ),
    ),
    (
        Code::EngineStopped,
        say(
            "The part that reads the meters has stopped",
            "That must not happen. What was read before is kept.",
            "Reload the page, and please report what the small print says.",
        ),
    ),
];
