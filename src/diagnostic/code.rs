use std::fmt;

use crate::diagnostic::nearest;

/// The stable name of a kind of problem. Its page is `docs/errors/CODE.md`; a code is never used again for another kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// What kind of problem it is, in a few words: the title of its page.
    pub fn title(self) -> &'static str {
        let first = self.page().lines().next().unwrap_or_default();
        first.split_once(": ").map_or(first, |(_, title)| title)
    }

    /// What it means: the sentences between the page's title and its first section.
    pub fn meaning(self) -> &'static str {
        let (_, rest) = self.page().split_once('\n').unwrap_or_default();
        rest.split("\n## ").next().unwrap_or_default().trim()
    }

    /// The code that a person named, in capitals or not.
    pub fn find(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.0.eq_ignore_ascii_case(text.trim()))
    }

    /// The code that was most likely meant where [`Code::find`] finds none: `E204` is `E0204`.
    pub fn nearest(text: &str) -> Option<Code> {
        nearest(text.trim(), Code::ALL.iter().map(|code| code.0)).and_then(Code::find)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Writes the constants, [`Code::ALL`] and the table of pages in one go, so that none can be forgotten.
macro_rules! codes {
    ($($name:ident = $id:literal;)*) => {
        impl Code {
            $(pub const $name: Code = Code($id);)*

            /// Every code there is, in order.
            pub const ALL: &'static [Code] = &[$(Code($id)),*];

            /// The page that explains the code, in Markdown.
            pub fn page(self) -> &'static str {
                match self.0 {
                    $($id => include_str!(concat!("../../docs/errors/", $id, ".md")),)*
                    // INVARIANT: the field is private and only the constants above are ever made.
                    _ => "",
                }
            }
        }
    };
}

// E01 syntax, E02 names, types and values, E03 inventory, E04 hosts and stages, E05 budgets,
// E06 time, E07 rules and undo, E08 people, E09 files and the run.
codes! {
    SYNTAX = "E0101";
    UNKNOWN_MEMBER = "E0102";
    UNCLOSED = "E0103";
    TOO_DEEP = "E0104";
    BAD_LITERAL = "E0105";
    BAD_COMMAND = "E0106";
    UNIT_MISSING = "E0107";
    TOO_MANY_PROBLEMS = "E0108";
    UNKNOWN_NAME = "E0201";
    DEFINED_TWICE = "E0202";
    WRONG_TYPE = "E0203";
    UNKNOWN_FIELD = "E0204";
    UNKNOWN_VALUE = "E0205";
    RECURSION = "E0206";
    MEMBER_MISSING = "E0207";
    MEMBER_TWICE = "E0208";
    BAD_VALUE = "E0209";
    WRONG_ARGUMENTS = "E0210";
    UNKNOWN_MODULE = "E0211";
    MEMBERS_CLASH = "E0212";
    UNUSED = "E0213";
    INVENTORY_UNREADABLE = "E0301";
    INVENTORY_EMPTY = "E0302";
    INVENTORY_SHAPE = "E0303";
    INVENTORY_DISAGREES = "E0304";
    BAD_HOST_NAME = "E0305";
    FIELD_MISSING_ON_HOST = "E0306";
    VALUE_LIKE_OPTION = "E0307";
    SELECTS_NOTHING = "E0401";
    NOT_IN_ANY_STAGE = "E0402";
    TWO_REGIONS = "E0403";
    NO_REGION = "E0404";
    NO_PACKAGE = "E0405";
    TWO_PACKAGES = "E0406";
    STAGE_EMPTY = "E0407";
    HOSTS_PASSED_OVER = "E0408";
    CONFLICT_INSTALLED = "E0409";
    UNTRIED = "E0410";
    GUINEA_PIG_LARGE = "E0411";
    SELECTS_EVERYTHING = "E0412";
    ORDER_OF_TEXTS = "E0413";
    BUDGET_BROKEN = "E0501";
    BUDGET_NEVER_HOLDS = "E0502";
    BUDGET_UNDER_FAILURES = "E0503";
    BUDGET_IN_ROLLBACK = "E0504";
    NO_WINDOW_FITS = "E0601";
    UNKNOWN_ZONE = "E0602";
    BAD_CALENDAR = "E0603";
    WINDOW_EMPTY = "E0604";
    WINDOW_SWALLOWED = "E0605";
    DEADLINE_MISSED = "E0606";
    NO_SUNRISE = "E0607";
    CANNOT_UNDO = "E0701";
    NO_UNDO_SAID = "E0702";
    RULE_TWICE = "E0703";
    NEVER_FIRES = "E0704";
    RULE_HIDDEN = "E0705";
    NO_GATE = "E0706";
    WAITS_FOR_EVER = "E0707";
    AHEAD_MISPLACED = "E0708";
    WORKAROUND_STAYS = "E0709";
    REFINE_LOOSENS = "E0710";
    POLICY_BROKEN = "E0711";
    CLAIM_NEVER_MATTERS = "E0712";
    CLAIM_BROKEN = "E0713";
    GIVEN_NEVER_HAPPENS = "E0714";
    UNKNOWN_TEAM = "E0801";
    NOT_ALLOWED = "E0802";
    CANNOT_APPROVE = "E0803";
    TEAM_MAY_NOTHING = "E0804";
    NOTICE_TO_NOBODY = "E0805";
    FILE_UNREADABLE = "E0901";
    PLAN_CHANGED = "E0902";
    HOST_BUSY = "E0903";
    STATE_UNUSABLE = "E0904";
    NO_CONNECTION = "E0905";
    UNKNOWN_RUN = "E0906";
    RUN_BUSY = "E0907";
    NOT_WAITING = "E0908";
    JOURNAL_DAMAGED = "E0909";
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_found_as_people_write_them() {
        assert_eq!(Code::find("e0204"), Some(Code::UNKNOWN_FIELD));
        assert_eq!(Code::find(" E0204\n"), Some(Code::UNKNOWN_FIELD));
        assert_eq!(Code::find("E204"), None);
        assert_eq!(Code::nearest("E204"), Some(Code::UNKNOWN_FIELD));
        assert_eq!(Code::nearest("region"), None);
    }

    #[test]
    fn every_code_has_its_own_number_in_order_and_its_page() {
        assert!(Code::ALL.is_sorted_by(|one, next| one < next));
        for code in Code::ALL {
            let first = code.page().lines().next().unwrap_or("");
            assert_eq!(first, format!("# {code}: {}", code.title()));
            assert!(code.title().len() > 5, "{code}: {first}");
            assert!(code.meaning().len() > 20 && !code.meaning().contains('#'), "{code}: {}", code.meaning());
        }
    }
}
