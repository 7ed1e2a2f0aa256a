//! The days that the events of an .ics file (RFC 5545) cover.
//!
//! In: the text of the file. Out: a rule of listed days, or what is wrong and on which line. Never: reads a file, lets a
//! small file ask for much work. Start at `read`.

mod event;
mod line;
mod read;
mod recurrence;
mod value;
mod work;

pub use read::CalendarError;
