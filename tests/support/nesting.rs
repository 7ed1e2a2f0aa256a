//! Everything that nests in a script, as deep as one likes.

/// Something that nests: what stands before it, one level's beginning, the middle, one level's end, what stands after it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    before: &'static str,
    open: &'static str,
    middle: &'static str,
    close: &'static str,
    after: &'static str,
}

const fn kind(name: &'static str, before: &'static str, parts: [&'static str; 3], after: &'static str) -> Kind {
    Kind { name, before, open: parts[0], middle: parts[1], close: parts[2], after }
}

const PARENTHESES: [&str; 3] = ["(", "1", ")"];
const LISTS: [&str; 3] = ["[", "1", "]"];
const BRACES: [&str; 3] = ["{", "", "}"];

pub const KINDS: [Kind; 32] = [
    kind("parentheses", "let x = ", PARENTHESES, ""),
    kind("lists", "let x = ", LISTS, ""),
    kind("calls", "let x = ", ["f(", "1", ")"], ""),
    kind("quantifiers", "let x = ", ["any(", "1", ")"], ""),
    kind("values in texts", "let x = \"", ["{\"", "", "\"}"], "\""),
    kind("not", "let x = ", ["not ", "y", ""], ""),
    kind("minus", "let x = ", ["- ", "1", ""], ""),
    kind("not and parentheses", "let x = ", ["not (", "y", ")"], ""),
    kind("parentheses of targets", "rollout a { to ", ["(", "b", ")"], " }"),
    kind("parentheses of a selector", "rollout a { wave b { hosts ", ["(", "c", ")"], " } }"),
    kind("parentheses of a package", "bulletin a { package b where ", ["(", "c", ")"], " { install \"d\" } }"),
    kind("lists in a service", "service a { hosts b in ", ["[", "c", "]"], " }"),
    kind("values in a command", "runbook a { step b { run \"c", ["{\"", "", "\"}"], "\" } }"),
    kind("parentheses of a function", "fn a(b) = ", ["(", "b", ")"], ""),
    kind("braces", "", BRACES, ""),
    kind("braces of blocks", "", ["rollout a { ", "", "}"], ""),
    kind("braces in a text", "let x = \"", ["{", "a", "}"], "\""),
    kind("parentheses of a claim", "rollout a { always ", ["(", "rollout started", ")"], " }"),
    kind("lists of a claim", "rollout a { never ", ["[", "rollout started", "]"], " }"),
    kind("braces of a claim", "rollout a { never b started unless ", BRACES, " }"),
    kind("parentheses of a condition", "rollout a { on ", ["(", "gate failed", ")"], " { hold rollout } }"),
    kind("braces of a rule", "rollout a { on gate failed ", BRACES, " }"),
    kind("rules in rules", "rollout a { ", ["on gate failed { ", "hold rollout", " }"], " }"),
    kind("parentheses of a refinement", "refine a in region b { soak ", PARENTHESES, " }"),
    kind("lists of a refinement", "refine a in region ", LISTS, " { soak 1h }"),
    kind("braces of a refinement", "refine a in region b ", BRACES, ""),
    kind("refinements in refinements", "", ["refine a in region b { ", "soak 1h", " }"], ""),
    kind("stages in stages", "", ["stages a { ", "", " }"], ""),
    kind("waves in stages", "stages a { ", ["wave b { ", "soak 1h", " }"], " }"),
    kind("lists of stages", "stages a { wave b { gate ", ["[", "c", "]"], " } }"),
    kind("braces of a policy", "policy a { require ", BRACES, " }"),
    kind("parentheses of a policy", "policy a { require soak at least ", ["(", "1h", ")"], " }"),
];

impl Kind {
    /// So many repetitions of it.
    pub fn text(&self, times: usize, is_closed: bool) -> String {
        let Kind { before, open, middle, close, after, .. } = self;
        let (close, after) = if is_closed { (close.repeat(times), *after) } else { (String::new(), "") };
        format!("{before}{}{middle}{close}{after}\n", open.repeat(times))
    }

    /// Whether a level begins with its bracket alone.
    pub fn is_one_sign(&self) -> bool {
        self.open.len() == 1
    }

    /// How often it has to be repeated for more than so many levels.
    pub fn times_beyond(&self, levels: usize) -> usize {
        (0..).find(|times| self.levels(*times) > levels).unwrap_or(levels)
    }

    /// The levels of so many repetitions, with those of the blocks around them.
    pub fn levels(&self, times: usize) -> usize {
        let opened = |text: &str| text.matches(['(', '[', '{']).count() - text.matches(')').count();
        let operators = usize::from(self.open.starts_with("not ") || self.open.starts_with("- "));
        opened(self.before) + times * (opened(self.open) + operators)
    }
}
