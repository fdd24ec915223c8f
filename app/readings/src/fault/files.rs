//! Faults of files that are read, saved or kept in a folder.

use super::{Code, Words, say};

pub(super) const TABLE: &[(Code, Words)] = &[
    (
        Code::FileNoTelegram,
        say(
            "No telegram was found in the file",
            "It was searched for every kind of telegram that can be read here. The file itself is untouched.",
            "Raw octets and hex text can be read. If it holds one of a meter that is not supported, please send it to \
             us.",
        ),
    ),
    (
        Code::FileTooLarge,
        say(
            "The file is too large for a recording",
            "What is opened here, or dropped onto the page, is read as a whole, of 32 megabytes at most. Nothing of it was \
             read.",
            "Choose a table or a backup under Data, where files of any size are read. Cut a longer recording into pieces.",
        ),
    ),
    (
        Code::FileUtf16,
        say(
            "The text of this file is UTF-16",
            "Each of its letters has two bytes, as some programs write them. What is read here is UTF-8. Nothing of the \
             file was kept.",
            "Save it anew as UTF-8, or in a spreadsheet as CSV UTF-8, and choose it again.",
        ),
    ),
    (
        Code::FileGone,
        say(
            "The file cannot be read any more",
            "It was moved, changed or removed since you chose it, or the disk that it is on is gone.",
            "Choose it again.",
        ),
    ),
    (
        Code::FileStopped,
        say("Stopped", "Nothing of the file was kept.", "Choose it again whenever you like."),
    ),
    (
        Code::FileNotWritten,
        say(
            "The file could not be written",
            "Its disk is full, it was taken away, or the browser may not write there any more. Nothing of the log was \
             changed.",
            "Save it again, in another place if need be.",
        ),
    ),
    (
        Code::ExportTooLarge,
        say(
            "It is more than a workbook holds",
            "A sheet ends at 1,048,576 rows, and a workbook is made in this computer's memory, of two million cells at \
             most. Nothing was saved.",
            "Choose a shorter time, or a quarter of an hour or a day for a row. CSV has no such end.",
        ),
    ),
    (
        Code::ExportProgram,
        say(
            "The part of this page that makes workbooks did not load",
            "It is fetched when it is used for the first time, and kept from then on.",
            "See that the address of this page can be reached, reload the page, and try again. CSV needs nothing more.",
        ),
    ),
    (
        Code::ImportUnknown,
        say(
            "This file holds no readings that can be read",
            "It is neither JSON Lines of this page nor a table with a column of times. Nothing was imported.",
            "Save it as CSV in the program that it comes from. A backup is opened further below.",
        ),
    ),
    (
        Code::ImportOtherJson,
        say(
            "This is JSON of another program",
            "It holds no readings as this page writes them, a line each. Nothing was imported.",
            "Save the readings as CSV in the program or portal that they come from.",
        ),
    ),
    (
        Code::ImportDates,
        say(
            "Day or month first?",
            "The line was left out: nothing in the file says whether its dates begin with the day or the month.",
            "Choose above what its dates begin with.",
        ),
    ),
    (
        Code::ImportZone,
        say(
            "Nobody knows this time zone",
            "Nothing was imported: this browser does not know the time zone that was chosen for the file.",
            "Choose the file once more, and another time zone.",
        ),
    ),
    (
        Code::ImportUnit,
        say(
            "The unit does not fit",
            "The line was left out: its unit measures something else than the register that you chose.",
            "Check what the column means.",
        ),
    ),
    (
        Code::ImportStep,
        say(
            "How long the line is of is not known",
            "The line was left out: it says a power, and energy is power by time.",
            "Choose above how long each line is of.",
        ),
    ),
    (
        Code::ImportRegister,
        say(
            "Nothing is chosen for lines of this kind",
            "The line was left out: it is of something that no register was chosen for.",
            "If you want it, choose above what lines of this kind mean.",
        ),
    ),
    (
        Code::ImportTooMany,
        say(
            "There are too many lines to be put in order",
            "The line was left out: the file is not in the order of time, and longer than can be sorted here.",
            "Save it in parts, some years each.",
        ),
    ),
    (
        Code::ImportTime,
        say(
            "The time cannot be read",
            "The line was left out.",
            "Check which column is the time. A line of sums at the end of a table may stay out.",
        ),
    ),
    (
        Code::ImportNumber,
        say(
            "A number cannot be read",
            "The line was left out.",
            "Check what the columns mean, and the decimal comma.",
        ),
    ),
    (
        Code::ImportOrder,
        say(
            "The time is not behind that of the line before",
            "The line was left out: what a counter counted can only be told in the order of time.",
            "Sort the table by its time, the oldest line first.",
        ),
    ),
    (
        Code::ImportEmpty,
        say("No value that is wanted", "The line was left out.", "Check what the columns mean."),
    ),
    (
        Code::ImportJson,
        say(
            "No reading of this page",
            "The line was left out: it is not JSON as this page writes it.",
            "Check that the file was saved as JSON Lines, and that nothing was changed in it.",
        ),
    ),
    (
        Code::ImportTooLong,
        say("The line is too long", "It was left out.", "Check that the file is what you think it is."),
    ),
    (
        Code::ImportOtherMeter,
        say(
            "The line is of another meter",
            "It was left out: an import is of one meter.",
            "Save each meter by itself, and import one after the other.",
        ),
    ),
    (
        Code::ImportVersion,
        say(
            "The line is in a form that is not known here",
            "It was left out: another version of the program that wrote it means something else by its numbers.",
            "Update the device that the file comes from, and save the file again.",
        ),
    ),
    (
        Code::ImportMeterGone,
        say(
            "The meter was removed before the file was read",
            "The file was to be imported into it. Nothing of it was kept.",
            "Choose the file again, for another meter or a new one.",
        ),
    ),
    (
        Code::BackupForeign,
        say(
            "This is no backup",
            "The file does not begin as a backup of this page does. Nothing here was changed.",
            "Choose a file that ends in .metertap. Readings of other programs can be imported.",
        ),
    ),
    (
        Code::BackupVersion,
        say(
            "The backup is of a newer version",
            "A newer version of this page made it, in a form that this one does not know. Nothing here was changed.",
            "Reload the page, so that the newer version opens it.",
        ),
    ),
    (
        Code::BackupTruncated,
        say(
            "The end of the backup is missing",
            "The file was cut off: a copy that was broken off, or a disk that was full. Nothing here was changed.",
            "Copy it again from where it was made, or take an older one.",
        ),
    ),
    (
        Code::BackupChecksum,
        say(
            "The backup is not what was written",
            "Some of its octets are others than those that were saved. Nothing here was changed.",
            "Copy it again from where it was made, or take an older one.",
        ),
    ),
    (
        Code::BackupMalformed,
        say(
            "The backup is damaged",
            "The file begins as a backup does, and something in it cannot be read. Nothing here was changed.",
            "Copy it again from where it was made, or take an older one.",
        ),
    ),
    (
        Code::FolderPermission,
        say(
            "The backup of today needs your permission",
            "Browsers forget, when they are closed, that a page may write into a folder. The backups in it are untouched.",
            "Allow it again under Data; an installed page can be allowed for good.",
        ),
    ),
    (
        Code::FolderGone,
        say(
            "The folder for the backups is not there",
            "It was moved, renamed or removed, or the disk that it is on is not plugged in.",
            "Bring it back, or choose another one under Data. It is tried again every hour.",
        ),
    ),
    (
        Code::FolderFull,
        say(
            "There is no room for the backup of today",
            "The disk that the folder is on is full. The backups before it are untouched.",
            "Make room there. It is tried again every hour.",
        ),
    ),
    (
        Code::FolderFailed,
        say(
            "The backup of today could not be saved",
            "The browser could not write into the folder, for the reason in small print. The backups before it are \
             untouched.",
            "It is tried again every hour. If it goes on, choose another folder under Data.",
        ),
    ),
    (
        Code::FileFlaw,
        say(
            "The recording has a line that makes no sense",
            "The file says that it is a recording of this page, and the line named in small print is in none.",
            "If somebody edited the file, look at that line. Otherwise please report it: it should never happen.",
        ),
    ),
    (
        Code::CaptureUnsaved,
        say(
            "The recording could not be saved",
            "The browser would not make a file of it. It is still held, and reading goes on.",
            "Try again. If it comes again, stop recording earlier: a shorter recording needs less memory.",
        ),
    ),
    (
        Code::CaptureFull,
        say(
            "The recording is as long as it may be",
            "It is held in memory, and no more is added to it. Reading goes on.",
            "Save it, and begin another one if you need more.",
        ),
    ),
    (
        Code::CaptureBlind,
        say(
            "Numbers of the meter may be in the file",
            "Nothing in it could be decoded, so that nobody knows which octets are a number of the meter's.",
            "Look into the file before you show it to anybody.",
        ),
    ),
    (
        Code::CaptureLeftOut,
        say(
            "Encrypted telegrams were left out of the file",
            "Without the key they cannot be opened, and so not be freed of the meter's number. Zeros stand in their place.",
            "Enter the meter's key and record again, or save the file with numbers and keys.",
        ),
    ),
];
