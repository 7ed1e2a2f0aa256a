use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::diagnostic::find_harm;

/// A value as one line of JSON in which no character is left that a terminal or a build service would obey.
pub(super) fn line_of(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Harmless(CompactFormatter));
    // INVARIANT: structs of texts and numbers always serialize, and writing into memory does not fail.
    let _ = value.serialize(&mut serializer);
    out.push(b'\n');
    String::from_utf8_lossy(&out).into_owned()
}

/// JSON may hold every character but C0 as it is; a terminal that shows the JSON may not. They are written as `\u202e`,
/// which a reader turns back into what they were.
struct Harmless(CompactFormatter);

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = find_harm(rest) {
            let (before, harmful) = rest.split_at(at);
            self.0.write_string_fragment(writer, before)?;
            let mut after = harmful.chars();
            if let Some(c) = after.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = after.as_str();
        }
        self.0.write_string_fragment(writer, rest)
    }
}
