// Every word that means something to the language, and where it may begin a sentence. The grammar is checked against this
// table by a test; editors' word lists and "did you mean" are made from it.

/// A word of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub text: &'static str,
    pub class: Class,
    /// The blocks in which it begins a member, or an item.
    pub begins: &'static [Block],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Begins an item or a member.
    Sentence,
    /// Goes on with a sentence: `per`, `within`, `at most`.
    Clause,
    /// One of a fixed choice: `critical`, `region`, `quarter`.
    Choice,
    /// `or`, `in`, `is`: cannot be a bare name.
    Operator,
    /// `true`, `false`: cannot be a bare name.
    Literal,
    /// `hosts`, `any`: stands for a value.
    Value,
    Weekday,
    /// After a number: `24h`, `2nd`.
    Unit,
}

/// What others call it, and what it is called here; only words that could mean nothing else.
const ELSEWHERE: &[(&str, &str)] = &[
    ("canary", "guinea-pig"),
    ("pilot", "guinea-pig"),
    ("phase", "wave"),
    ("ring", "wave"),
    ("stage", "wave"),
    ("target", "to"),
    ("targets", "to"),
    ("bake", "soak"),
    ("approval", "approve"),
    ("sign-off", "approve"),
    ("check", "gate"),
    ("checks", "gate"),
    ("healthcheck", "gate"),
    ("chunk", "batch"),
    ("pause", "hold"),
    ("stop", "hold"),
    ("revert", "rollback"),
    ("undo", "rollback"),
    ("revert", "undo"),
    ("rollback", "undo"),
    ("command", "run"),
    ("exec", "run"),
    ("duration", "takes"),
    ("users", "members"),
    ("people", "members"),
    ("can", "may"),
    ("allow", "may"),
    ("timezone", "zone"),
    ("maintenance", "window"),
    ("blackout", "freeze"),
    ("advisory", "bulletin"),
    ("playbook", "runbook"),
    ("deployment", "rollout"),
    ("deploy", "rollout"),
    ("fleet", "inventory"),
    ("import", "use"),
    ("include", "use"),
    ("var", "let"),
    ("const", "let"),
    ("def", "fn"),
    ("function", "fn"),
    ("if", "on"),
    ("when", "on"),
    ("wait", "soak"),
    ("assert", "expect"),
    ("then", "expect"),
    ("should", "expect"),
    ("with", "given"),
    ("suppose", "given"),
    ("rollout", "plan"),
    ("scenario", "test"),
];

/// The word of a block that is meant by a word of other tools.
pub fn called_here(word: &str, block: Block) -> Option<&'static str> {
    let meant = ELSEWHERE.iter().filter(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours);
    meant.into_iter().find(|ours| block.words().any(|known| known == *ours))
}

/// What others call it where more than the word is another: the sentence here that says as much.
const OTHERWISE: &[(&str, &str)] = &[
    ("max", "at"),
    ("limit", "at"),
    ("parallel", "at"),
    ("concurrency", "at"),
    ("min", "keep"),
    ("minimum", "keep"),
    ("sort", "order"),
    ("no", "needs"),
    ("irreversible", "cannot"),
    ("cron", "window"),
    ("schedule", "window"),
    ("exclude", "freeze"),
    ("holiday", "freeze"),
    ("filter", "to"),
    ("select", "hosts"),
];

/// The word with which the sentence of a block begins that is meant by a word of other tools.
pub fn said_here(word: &str, block: Block) -> Option<&'static str> {
    let meant = OTHERWISE.iter().filter(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours);
    meant.into_iter().find(|ours| block.words().any(|known| known == *ours))
}

/// The command of a package or of a workaround that is meant by a step's word for it.
pub fn command_here(word: &str, block: Block) -> Option<&'static str> {
    match (block, word) {
        (Block::Package | Block::Workaround, "run") => Some("install"),
        (Block::Package | Block::Workaround, "undo") => Some("uninstall"),
        _ => None,
    }
}

/// What a sentence can stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// The top level of a script.
    File,
    Mapping,
    Connect,
    Region,
    Service,
    Calendar,
    Team,
    Bulletin,
    Package,
    Gate,
    Runbook,
    Step,
    Rollout,
    Stage,
    Rule,
    Stages,
    Refine,
    Policy,
    Workaround,
    Test,
}

impl Block {
    pub const ALL: [Block; 20] = [
        Block::File,
        Block::Mapping,
        Block::Connect,
        Block::Region,
        Block::Service,
        Block::Calendar,
        Block::Team,
        Block::Bulletin,
        Block::Package,
        Block::Gate,
        Block::Runbook,
        Block::Step,
        Block::Rollout,
        Block::Stage,
        Block::Rule,
        Block::Stages,
        Block::Refine,
        Block::Policy,
        Block::Workaround,
        Block::Test,
    ];

    /// With its article: `a stage`.
    pub fn described(self) -> &'static str {
        match self {
            Block::File => "a script",
            Block::Mapping => "an inventory's mapping",
            Block::Connect => "a connection",
            Block::Region => "a region",
            Block::Service => "a service",
            Block::Calendar => "a calendar",
            Block::Team => "a team",
            Block::Bulletin => "a bulletin",
            Block::Package => "a package",
            Block::Gate => "a gate",
            Block::Runbook => "a runbook",
            Block::Step => "a step",
            Block::Rollout => "a rollout",
            Block::Stage => "a stage",
            Block::Rule => "a rule",
            Block::Stages => "a list of stages",
            Block::Refine => "a refinement",
            Block::Policy => "a policy",
            Block::Workaround => "a workaround",
            Block::Test => "a test",
        }
    }

    /// Where a sentence of it stands: `in a stage`.
    pub fn inside(self) -> &'static str {
        match self {
            Block::File => "at the top of a script, outside of every block",
            Block::Mapping => "in an inventory's mapping",
            Block::Connect => "in a connection",
            Block::Region => "in a region",
            Block::Service => "in a service",
            Block::Calendar => "in a calendar",
            Block::Team => "in a team",
            Block::Bulletin => "in a bulletin",
            Block::Package => "in a package",
            Block::Gate => "in a gate",
            Block::Runbook => "in a runbook",
            Block::Step => "in a step",
            Block::Rollout => "in a rollout",
            Block::Stage => "in a stage (`guinea-pig` or `wave`)",
            Block::Rule => "in a rule (`on …`)",
            Block::Stages => "in a list of stages (`stages …`)",
            Block::Refine => "in a refinement (`refine …`)",
            Block::Policy => "in a policy",
            Block::Workaround => "in a workaround",
            Block::Test => "in a test",
        }
    }

    /// The words that may begin a member of this block, in the table's order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        WORDS.iter().filter(move |word| word.begins.contains(&self)).map(|word| word.text)
    }
}

/// The row of a word; none for a word that is only a name.
pub fn find(text: &str) -> Option<&'static Word> {
    // INVARIANT: the table is in order; a test holds that.
    WORDS.binary_search_by(|word| word.text.cmp(text)).ok().map(|idx| &WORDS[idx])
}

macro_rules! words {
    ($($text:literal $class:ident $($block:ident)*;)*) => {
        /// Every word, in alphabetical order.
        pub const WORDS: &[Word] = &[$(Word {
            text: $text,
            class: Class::$class,
            begins: &[$(Block::$block),*],
        }),*];
    };
}

words! {
    "after" Clause;
    "ahead" Sentence Step;
    "all" Value;
    "always" Sentence Rollout;
    "and" Operator;
    "any" Value;
    "apply" Sentence Rollout;
    "approval" Choice;
    "approve" Sentence Stage;
    "approves" Choice;
    "at" Sentence Stage Refine;
    "back" Clause;
    "batch" Sentence Stage Refine;
    "be" Clause;
    "before" Clause;
    "bulletin" Sentence File;
    "by" Clause;
    "calendar" Sentence File;
    "cannot" Sentence Step;
    "conflicts" Sentence Package;
    "connect" Sentence File;
    "controller" Clause;
    "count" Value;
    "critical" Choice;
    "d" Unit;
    "days" Sentence Calendar;
    "deadline" Sentence Rollout;
    "denies" Choice;
    "descending" Choice;
    "dies" Clause;
    "done" Choice;
    "down" Sentence Step;
    "else" Clause;
    "every" Sentence Gate;
    "everything" Choice;
    "except" Clause;
    "expect" Sentence Test;
    "failed" Choice;
    "fails" Sentence Gate Step;
    "failure" Clause;
    "failures" Clause;
    "false" Literal;
    "finish" Sentence Stage Refine;
    "first" Choice;
    "fleet" Sentence Test;
    "fn" Sentence File;
    "following" Clause;
    "for" Sentence Gate Workaround Test;
    "forbid" Sentence Policy;
    "freeze" Sentence Region Refine;
    "fri" Weekday;
    "from" Clause;
    "gate" Sentence File Stage Refine;
    "given" Sentence Test;
    "guinea-pig" Sentence Rollout Stages;
    "h" Unit;
    "hangs" Choice;
    "held" Clause;
    "hold" Sentence Rule;
    "holds" Choice;
    "host" Choice;
    "hosts" Sentence Region Service Stage Workaround;
    "http" Sentence Gate;
    "ics" Sentence Calendar;
    "important" Choice;
    "in" Operator;
    "install" Sentence Package Workaround;
    "inventory" Sentence File;
    "is" Operator;
    "keep" Sentence Service;
    "kept" Clause;
    "last" Choice;
    "least" Clause;
    "let" Sentence File;
    "lift" Sentence Step;
    "lost" Choice;
    "low" Choice;
    "m" Unit;
    "matches" Operator;
    "may" Sentence Team;
    "members" Sentence Team;
    "missing" Operator;
    "moderate" Choice;
    "mon" Weekday;
    "month" Choice;
    "more" Clause;
    "most" Clause;
    "nd" Unit;
    "needs" Sentence Package Step;
    "never" Sentence Rollout;
    "no" Clause;
    "not" Operator;
    "notify" Sentence Rule;
    "of" Clause;
    "on" Sentence Rollout;
    "once" Clause;
    "one" Clause;
    "or" Operator;
    "order" Sentence Stage;
    "owned" Choice;
    "owner" Sentence Region;
    "package" Sentence Bulletin;
    "packages" Sentence Bulletin;
    "passed" Choice;
    "passes" Choice;
    "path" Sentence Connect;
    "per" Clause;
    "plan" Sentence Test;
    "policy" Sentence File;
    "quarter" Choice;
    "rd" Unit;
    "refine" Sentence File;
    "region" Sentence File Stage;
    "regions" Sentence File Stage;
    "released" Sentence Bulletin;
    "require" Sentence Policy;
    "resume" Choice;
    "resumes" Choice;
    "retry" Sentence Gate Step;
    "risk" Clause;
    "rollback" Sentence Rule;
    "rolled" Clause;
    "rollout" Sentence File;
    "rolls" Clause;
    "run" Sentence Gate Step;
    "runbook" Sentence File;
    "s" Unit;
    "sat" Weekday;
    "service" Sentence File;
    "severity" Sentence Bulletin Package;
    "silent" Choice;
    "site" Sentence Stage;
    "soak" Sentence Stage Refine;
    "st" Unit;
    "stage" Choice;
    "stages" Sentence File Rollout;
    "start" Sentence Rollout Test;
    "started" Choice;
    "status" Clause;
    "step" Sentence Runbook;
    "sun" Weekday;
    "sunrise" Choice;
    "takes" Sentence Step;
    "tcp" Sentence Gate;
    "team" Sentence File;
    "test" Sentence File;
    "th" Unit;
    "than" Clause;
    "the" Clause;
    "then" Clause;
    "thu" Weekday;
    "timeout" Sentence Gate Step;
    "title" Sentence Bulletin;
    "to" Sentence Rollout;
    "together" Clause;
    "told" Choice;
    "true" Literal;
    "tue" Weekday;
    "undo" Sentence Step;
    "undone" Clause;
    "uninstall" Sentence Package Workaround;
    "unknown" Choice;
    "unless" Clause;
    "up" Clause;
    "use" Sentence File;
    "verify" Sentence Package Step Workaround;
    "w" Unit;
    "wait" Clause;
    "wave" Sentence Rollout Stages;
    "wed" Weekday;
    "when" Clause;
    "where" Clause;
    "window" Sentence Region Refine;
    "with" Clause;
    "within" Sentence Gate;
    "workaround" Sentence File;
    "year" Choice;
    "zone" Sentence Region;
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use pest_meta::ast::Expr;
    use pest_meta::parser::{self, Rule};

    use super::*;

    /// The rules of the grammar by name.
    fn grammar() -> BTreeMap<String, Expr> {
        let text = include_str!("../../grammar/sunup.pest");
        let pairs = parser::parse(Rule::grammar_rules, text).unwrap();
        parser::consume_rules(pairs).unwrap().into_iter().map(|rule| (rule.name, rule.expr)).collect()
    }

    fn literals(expr: &Expr, found: &mut BTreeSet<String>) {
        match expr {
            Expr::Str(literal) | Expr::Insens(literal) => drop(found.insert(literal.clone())),
            Expr::Seq(a, b) | Expr::Choice(a, b) => {
                literals(a, found);
                literals(b, found);
            }
            Expr::PosPred(inner)
            | Expr::NegPred(inner)
            | Expr::Opt(inner)
            | Expr::Rep(inner)
            | Expr::RepOnce(inner) => {
                literals(inner, found);
            }
            Expr::RepExact(inner, _) | Expr::RepMin(inner, _) | Expr::RepMax(inner, _) => literals(inner, found),
            Expr::RepMinMax(inner, _, _) | Expr::Push(inner) => literals(inner, found),
            _ => {}
        }
    }

    /// The words with which something of this form can begin.
    fn firsts(expr: &Expr, rules: &BTreeMap<String, Expr>, found: &mut BTreeSet<String>) {
        match expr {
            Expr::Str(literal) => drop(found.insert(literal.clone())),
            Expr::Ident(name) => firsts(&rules[name], rules, found),
            Expr::Seq(first, _) => firsts(first, rules, found),
            Expr::Choice(a, b) => {
                firsts(a, rules, found);
                firsts(b, rules, found);
            }
            other => panic!("a sentence begins with its keyword, not with {other:?}"),
        }
    }

    fn is_word(literal: &str) -> bool {
        literal.starts_with(|c: char| c.is_ascii_alphabetic())
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(WORDS.is_sorted_by(|a, b| a.text < b.text));
        assert_eq!(find("soak").map(|word| word.class), Some(Class::Sentence));
        assert_eq!(find("canary"), None);
    }

    #[test]
    fn the_grammar_and_the_table_have_the_same_words() {
        let mut found = BTreeSet::new();
        for (name, expr) in &grammar() {
            // `\n` and `T` of escapes and moments are no words.
            if !matches!(name.as_str(), "escape" | "moment") {
                literals(expr, &mut found);
            }
        }
        let grammar: BTreeSet<_> = found.iter().map(String::as_str).filter(|literal| is_word(literal)).collect();
        let table: BTreeSet<_> = WORDS.iter().map(|word| word.text).collect();
        assert_eq!(grammar.difference(&table).collect::<Vec<_>>(), Vec::<&&str>::new(), "in the grammar alone");
        assert_eq!(table.difference(&grammar).collect::<Vec<_>>(), Vec::<&&str>::new(), "in the table alone");
        assert!(table.len() > 100);
    }

    #[test]
    fn each_block_begins_its_sentences_as_the_table_says() {
        let rules = grammar();
        for block in Block::ALL {
            let rule = match block {
                Block::File => "item".to_owned(),
                // A mapping begins with any name.
                Block::Mapping => continue,
                block => format!("{block:?}_member").to_lowercase(),
            };
            let mut grammar = BTreeSet::new();
            firsts(&rules[&rule], &rules, &mut grammar);
            let table: BTreeSet<_> = block.words().map(str::to_owned).collect();
            assert_eq!(grammar, table, "{block:?}");
            assert!(!table.is_empty());
        }
    }

    #[test]
    fn the_grammar_stops_at_every_word_that_begins_a_sentence() {
        let rules = grammar();
        let mut stops = BTreeSet::new();
        literals(&rules["begins"], &mut stops);
        let table: BTreeSet<_> =
            WORDS.iter().filter(|word| !word.begins.is_empty()).map(|word| word.text.to_owned()).collect();
        assert_eq!(stops, table);
    }

    /// A choice takes the first that fits: of two words the longer must come first.
    #[test]
    fn no_word_hides_a_longer_one() {
        fn choice<'a>(expr: &'a Expr, found: &mut Vec<&'a str>) {
            match expr {
                Expr::Str(literal) => found.push(literal),
                Expr::Choice(a, b) => {
                    choice(a, found);
                    choice(b, found);
                }
                Expr::Seq(first, _) => choice(first, found),
                _ => {}
            }
        }
        let rules = grammar();
        let mut found = Vec::new();
        choice(&rules["begins"], &mut found);
        for (idx, word) in found.iter().enumerate() {
            assert!(!found[..idx].iter().any(|before| word.starts_with(before)), "{word} is hidden");
        }
        assert_eq!(found.len(), WORDS.iter().filter(|word| !word.begins.is_empty()).count());
    }
}
