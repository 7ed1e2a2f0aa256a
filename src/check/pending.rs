use crate::diagnostic::{Code, Problem};
use crate::source::Span;

/// What can be written and is not looked at yet must not look as if it did something.
pub(super) fn pending(what: &str, span: Span) -> Problem {
    Problem::error(Code::UNKNOWN_MEMBER, format!("`{what}` is not supported yet"))
        .label(span, "nothing would come of it")
}
