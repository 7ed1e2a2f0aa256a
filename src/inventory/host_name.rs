use std::fmt;
use std::sync::Arc;

/// A host's name that is safe to hand to a program: not empty, at most 253 bytes, no leading `-`, and none of the
/// characters that OpenSSH refuses (quotes, backtick, dollar, backslash, semicolon, ampersand, angle brackets, pipe,
/// brackets, blanks, control characters).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

/// Why a name is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadHostName {
    pub name: String,
    pub reason: String,
}

impl HostName {
    pub fn new(name: &str) -> Result<HostName, BadHostName> {
        Self::check(name)?;
        Ok(HostName(name.into()))
    }

    /// The check alone, for a million names without an allocation.
    pub fn check(name: &str) -> Result<(), BadHostName> {
        let _ = name;
        unimplemented!("inventory room")
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
