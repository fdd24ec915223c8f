//! Faults between the meter and the page: line, telegram, key, requests, browser and port.

use super::{Code, SEND_US, Words, say};

pub(super) const TABLE: &[(Code, Words)] = &[
    (
        Code::FrameChecksum,
        say(
            "A telegram was damaged on its way",
            "Its checksum does not fit, so it was left out: no wrong value gets in.",
            "One now and then is ordinary. If there are many, check the cable and its plugs, shorten it, and keep it \
             away from power lines; an optical head must sit straight.",
        ),
    ),
    (
        Code::FrameChecksumMissing,
        say(
            "A telegram lost its checksum",
            "Your meter's telegrams end in a checksum and this one did not, so it was left out.",
            "One now and then is ordinary. If there are many, check the cable and its plugs.",
        ),
    ),
    (
        Code::FrameTooLong,
        say(
            "A telegram did not end",
            "More octets came than any telegram has.",
            "Its end was probably lost: check the cable. If it is always so, another kind of meter may be connected \
             than was chosen.",
        ),
    ),
    (
        Code::FrameTruncated,
        say(
            "A telegram broke off",
            "The line fell silent, or another telegram began, before this one was complete.",
            "Once, while plugging in, is ordinary. If it goes on, check the cable and its plugs, and whether the \
             adapter gets enough power.",
        ),
    ),
    (
        Code::FrameMalformed,
        say(
            "Octets came that are no telegram",
            "They begin like one of your meter's telegrams and go on differently.",
            "One now and then is a disturbance. If it is always so, another kind of meter may be connected than was \
             chosen.",
        ),
    ),
    (
        Code::ParseTruncated,
        say(
            "A telegram ends inside a value",
            "It arrived undamaged, and says less than it announces. What came before was kept.",
            SEND_US,
        ),
    ),
    (
        Code::ParseTypeUnexpected,
        say(
            "A telegram holds something unexpected",
            "It arrived undamaged, and at one place says something of another kind than meters do there.",
            SEND_US,
        ),
    ),
    (
        Code::ParseTooDeep,
        say(
            "A telegram is nested too deeply",
            "It arrived undamaged, and no meter builds them like this.",
            SEND_US,
        ),
    ),
    (
        Code::ParseTooMany,
        say(
            "A telegram has too many values",
            "It arrived undamaged, and no meter sends lists this long.",
            SEND_US,
        ),
    ),
    (
        Code::ParseUnsupported,
        say(
            "Your meter says something we cannot read yet",
            "The telegram arrived undamaged. This part of its protocol is not built in.",
            SEND_US,
        ),
    ),
    (
        Code::ParseListUnknown,
        say(
            "Your meter sends a list we do not know yet",
            "Its values come without names and no table here describes them. They are kept, without meaning.",
            SEND_US,
        ),
    ),
    (
        Code::ParseLine,
        say(
            "A line of a telegram could not be read",
            "The others stand; this one was left out.",
            "If it is always so, please send us the kept octets.",
        ),
    ),
    (
        Code::ParseLocked,
        say(
            "Your meter is locked",
            "Without its PIN it sends whole kilowatt hours and no power.",
            "Your grid operator gives you the PIN. Enter it at the meter, with the button or with flashes of a torch, \
             and switch the full data set on there (Inf on).",
        ),
    ),
    (
        Code::ParseRefused,
        say(
            "Your meter answers that it cannot",
            "It was asked for its values, and answered with an error of its own instead.",
            "If it is busy, the next answer is different. If it is always so, please send us the kept octets.",
        ),
    ),
    (
        Code::MeterClosed,
        say(
            "The meter's port is closed",
            "The meter answers that access is denied. That happens after a long outage, and when the contract goes to \
             somebody else.",
            "Only the grid operator opens it again. In Portugal, ask E-REDES to open the HAN port, with your CPE.",
        ),
    ),
    (
        Code::ProgramNotBuilt,
        say(
            "This program does not read that protocol",
            "It was built without it.",
            "Use a build with all protocols.",
        ),
    ),
    (
        Code::DialogueSilent,
        say(
            "Your meter does not answer",
            "It was asked several times, and nothing was heard.",
            "Put the head straight onto the meter's eye, cable down, or check the wires of the bus. Some meters answer \
             only after a button was pressed. It is asked again by itself.",
        ),
    ),
    (
        Code::DialogueDamaged,
        say(
            "Your meter's answers arrive damaged",
            "It was asked several times and answered, and no answer was whole. No wrong value gets in.",
            "An optical head must sit straight and out of bright light; a bus wants good contacts. It is asked again by \
             itself.",
        ),
    ),
    (
        Code::DialogueRefused,
        say(
            "Your meter answers, and has none of these values",
            "It understood the question and had nothing to say to it.",
            "Another model may be connected than was chosen. Please tell us which one it is.",
        ),
    ),
    (
        Code::DialogueOutOfTurn,
        say(
            "An answer came that nobody waited for",
            "Your meter answered late, or another one did. The answer was left out.",
            "One now and then is ordinary. If there are many, another device may be asking the same meter.",
        ),
    ),
    (
        Code::DialogueChangeover,
        say(
            "The faster speed did not work",
            "Your meter went to a faster speed and nothing was heard there. From now on it is read at the slow one.",
            "Nothing; a readout only takes longer. Another head may be able to follow.",
        ),
    ),
    (
        Code::CipherKeyMissing,
        say(
            "Your meter encrypts its telegrams",
            "They arrive, and without the key nobody can read them.",
            "Your grid operator gives you the key: in Austria in its customer portal, in Luxembourg and Switzerland on \
             request. Enter it here; it stays on this device.",
        ),
    ),
    (
        Code::CipherTagMismatch,
        say(
            "The keys do not fit this telegram",
            "Either a key is wrong, or somebody changed the telegram on its way.",
            "Compare both keys with what the grid operator sent, character by character.",
        ),
    ),
    (
        Code::CipherKeyWrong,
        say(
            "The key does not fit",
            "What it makes of the telegram is no telegram.",
            "Compare the key with what the grid operator sent, character by character.",
        ),
    ),
    (
        Code::CipherSuiteUnsupported,
        say(
            "Your meter encrypts in a way we do not know yet",
            "No meter seen so far protects its telegrams like this.",
            SEND_US,
        ),
    ),
    (
        Code::CipherSystemTitle,
        say(
            "Your meter does not say who encrypted the telegram",
            "The name that the key needs beside it is missing.",
            SEND_US,
        ),
    ),
    (
        Code::CipherTruncated,
        say(
            "An encrypted telegram broke off",
            "It ends before its own header does.",
            "One now and then is ordinary. If there are many, check the cable and its plugs.",
        ),
    ),
    (
        Code::SerialMissing,
        say(
            "This browser cannot read serial ports",
            "Chrome, Edge, Opera, and Firefox from version 151 can, on a computer.",
            "Open this page in one of them. Simulated meters and files work here all the same.",
        ),
    ),
    (
        Code::SerialInsecure,
        say(
            "This page came over plain http",
            "Browsers keep serial ports from such pages.",
            "Open it over https, or on this computer as http://localhost.",
        ),
    ),
    (
        Code::SerialForbidden,
        say(
            "Serial ports are forbidden here",
            "This site's settings in the browser say so, or whoever administers this computer.",
            "Look for Serial ports in the site settings, left of the address.",
        ),
    ),
    (
        Code::SerialFailed,
        say(
            "The browser did not open its list of ports",
            "It does so only after a click, one list at a time.",
            "Reload the page and try once more.",
        ),
    ),
    (
        Code::SerialNotChosen,
        say(
            "No port was picked",
            "That is no error. If your adapter was not in the list, it is not plugged in, has no driver, or is hidden \
             by the filter.",
            "Plug it in again, try another cable, since some only charge, and show every port. Windows may need the \
             maker's driver.",
        ),
    ),
    (
        Code::PortBusy,
        say(
            "The port is there and will not open",
            "Another program or another tab is reading it, or this computer does not let you: browsers do not tell \
             which.",
            "Close what else reads the meter. On Linux you must be in the group that owns the port, dialout, or uucp on \
             Arch; then log in anew. It is tried again by itself.",
        ),
    ),
    (
        Code::PortGone,
        say(
            "The adapter is unplugged",
            "What was heard until then is kept.",
            "Plug it in again. It is found and read by itself.",
        ),
    ),
    (
        Code::BridgeAddress,
        say(
            "The address of the bridge cannot be used",
            "It must begin with ws:// or wss://. A page that came over https may use wss:// only, except for this \
             computer itself.",
            "Correct the address, or open Metertap from this computer or from your own network without https.",
        ),
    ),
    (
        Code::BridgeSilent,
        say(
            "The bridge does not answer",
            "Nobody accepts a WebSocket at this address. It is tried again by itself.",
            "Is the bridge powered and in the same network? Is it its WebSocket port, and not a plain TCP one, which no \
             browser can open? The guide in docs/hardware.md tells how to put a WebSocket in front of one.",
        ),
    ),
    (
        Code::BusCrowded,
        say(
            "Several meters answer to one address",
            "On this M-Bus their answers fall on top of each other, so none of them can be read there.",
            "Look for meters by secondary address, which is the meter's own number. Two with the same number must be \
             given different ones, or be wired apart.",
        ),
    ),
    (
        Code::MeterLocked,
        say(
            "This meter tells its counter and no power",
            "German meters do so until they are unlocked, so that nobody who passes by sees what goes on in the home.",
            "Ask the grid operator or whoever runs the meter for its PIN, enter it with flashes of a torch on the \
             meter's eye, and switch the extended data, InF, on. Meters without a PIN never tell more.",
        ),
    ),
    (
        Code::PortSilent,
        say(
            "Nothing comes from the meter",
            "The port is open, and no octet comes.",
            "Is the cable in the meter's customer port, and pushed in all the way? Has the grid operator opened the \
             port? Does the adapter's lamp blink? Is it the right adapter, should there be two?",
        ),
    ),
    (
        Code::SearchSilence,
        say(
            "Nothing at all comes from the port",
            "Every usual speed was listened to and every kind of meter was asked. Not one octet came; it goes on trying.",
            "An optical head must sit straight on the meter's eye, its cable downwards. A P1 or HAN port may have to be \
             opened by the grid operator first. A P1 cable needs an inverter inside. The adapter must be the one in the \
             meter, and a heat meter's display may have to be woken by its button.",
        ),
    ),
    (
        Code::SearchNothing,
        say(
            "Something comes, and it makes no sense",
            "Every usual speed was tried, and no telegram came of what was heard; it goes on trying.",
            "Is it the right adapter for this port: an M-Bus adapter for HAN, a P1 cable for P1, an optical head for an \
             eye? If so, send us the kept octets: they may be of a kind that nobody has shown us yet.",
        ),
    ),
    (
        Code::KeyForm,
        say(
            "That is no key",
            "A key has 32 digits from 0 to 9 and A to F; spaces and hyphens between them do not matter.",
            "Copy it once more from the grid operator's letter or portal. Mind the digit 0 and the letter O, which \
             no key has.",
        ),
    ),
    (
        Code::PortNoise,
        say(
            "Something comes, and it is no telegram",
            "Octets arrive, so cable and adapter work. Speed or kind of meter are probably other than chosen.",
            "Remove the meter here and connect it as another kind. Reading begins in the middle of a telegram: give it \
             a few seconds first.",
        ),
    ),
    (
        Code::PortDoubted,
        say(
            "What is plugged in is found out anew",
            "For minutes, nothing that came was a telegram of the kind that was read here before. Readings that are kept \
             stay.",
            "Wait a minute or two. If it was another meter, it is found. If it is the same one, look at cable and adapter.",
        ),
    ),
    (
        Code::PortLineError,
        say(
            "The line is disturbed",
            "Characters arrive with a wrong parity or stop bit. Reading goes on.",
            "One now and then, or while plugging in, is ordinary. If it goes on, the meter speaks at another speed or \
             parity: connect it as another kind. Otherwise check the cable.",
        ),
    ),
];
