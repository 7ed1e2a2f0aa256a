use std::fmt;

use crate::syntax::format::reading::Reading;

/// What would not be the same in a formatted script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// What the script says.
    Tree,
    /// Its comments, or what the `##` lines among them belong to.
    Comments,
    /// The formatted script itself, once it is formatted again.
    Unsettled,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Difference::Tree => "formatted, it would not say the same",
            Difference::Comments => "formatted, it would not have the same comments",
            Difference::Unsettled => "formatted again, it would change again",
        })
    }
}

/// What is not the same in two texts, places and blanks apart.
pub(super) fn difference(before: &Reading<'_>, after: &Reading<'_>) -> Option<Difference> {
    if before.code() != after.code() || before.tree() != after.tree() {
        return Some(Difference::Tree);
    }
    let has_same_comments = before.comments().eq(after.comments()) && before.documentation == after.documentation;
    (!has_same_comments).then_some(Difference::Comments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::parse;

    fn between(before: &str, after: &str) -> Option<Difference> {
        let reading = |text| Reading::of(FileId(0), text, parse(FileId(0), text));
        difference(&reading(before), &reading(after))
    }

    #[test]
    fn blanks_make_no_difference() {
        assert_eq!(between("team a{members\"x\"}# b", "team a {\n members \"x\"\n}\n# b  "), None);
    }

    #[test]
    fn words_structure_comments_and_what_they_document_do() {
        assert_eq!(between("team a { }", "team b { }"), Some(Difference::Tree));
        assert_eq!(between("team a { members \"b c\" }", "team a { members \"b  c\" }"), Some(Difference::Tree));
        // The same tokens; the second is no call.
        assert_eq!(between("let a = b(c)", "let a = b (c)"), Some(Difference::Tree));
        assert_eq!(between("let a = b - c", "let a = b -c"), Some(Difference::Tree));
        assert_eq!(between("# a\n# b\n", "# b\n# a\n"), Some(Difference::Comments));
        assert_eq!(between("## a\n# b\nlet c = 1", "# b\n## a\nlet c = 1"), Some(Difference::Comments));
        assert_eq!(between("let a = 1 ## d\nlet b = 2", "let a = 1\nlet b = 2 ## d\n"), Some(Difference::Comments));
    }
}
