use crate::builtin;
use crate::ide::context::{Context, Entry, governing};
use crate::ide::named::{self, Named};
use crate::ide::values::{self, MOST, counted, quoted};
use crate::ide::words::{meaning, other_meaning};
use crate::inventory::FieldId;
use crate::session::Session;
use crate::syntax::words::{self, Block, Class};
use crate::syntax::{Continuation, continuation};

/// What could stand at a place, the likeliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where in the text what a candidate replaces begins; it ends at the place.
    pub start: usize,
    pub candidates: Vec<Candidate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it writes.
    pub text: String,
    pub sort: Sort,
    /// What it means, in a few words.
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    Keyword,
    Field,
    Value,
    Host,
    Name,
    Function,
    Module,
}

impl Candidate {
    pub fn new(text: &str, sort: Sort, detail: impl Into<String>) -> Self {
        Candidate { text: text.to_owned(), sort, detail: detail.into() }
    }
}

/// What could stand at a place of a text, in bytes. Any text and place has an answer.
pub fn complete(session: &Session, text: &str, at: usize, entry: Entry) -> Completion {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let context = Context::of(text, at, entry);
    let mut candidates = Completing { session, context: &context }.candidates();
    let mut seen = std::collections::BTreeSet::new();
    candidates.retain(|candidate| seen.insert(candidate.text.clone()));
    candidates.truncate(MOST);
    Completion { start: context.start, candidates }
}

/// The candidates of a text by itself that must be one of these: the names of hosts, of commands.
pub fn complete_with(start: usize, candidates: impl IntoIterator<Item = Candidate>) -> Completion {
    Completion { start, candidates: candidates.into_iter().take(MOST).collect() }
}

struct Completing<'s> {
    session: &'s Session,
    context: &'s Context<'s>,
}

impl<'s> Completing<'s> {
    fn candidates(&self) -> Vec<Candidate> {
        let context = self.context;
        if let Some(field) = self.field_compared() {
            let fleet = self.session.fleet.as_ref();
            let found = fleet.map(|fleet| values::values(fleet, field, context.prefix, context.is_in_text));
            let found = found.unwrap_or_default();
            if !found.is_empty() || context.is_in_text {
                return found;
            }
        }
        if context.is_in_text {
            return self.texts();
        }
        if context.back(1) == Some(".") {
            return self.members();
        }
        let mut found = self.words_and_names();
        found.retain(|candidate| candidate.text.starts_with(context.prefix));
        found
    }

    /// The field on the left of the comparison whose right side is being written.
    fn field_compared(&self) -> Option<FieldId> {
        let sentence = &self.context.sentence;
        let mut at = sentence.len();
        // Of `site in ["tokyo", ` the last elements belong to the right side too.
        if let Some(open) = sentence.iter().rposition(|token| *token == "[")
            && !sentence[open..].contains(&"]")
        {
            at = open;
        }
        let operator = sentence.get(at.checked_sub(1)?)?;
        if !matches!(*operator, "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "matches") {
            return None;
        }
        self.session.fleet.as_ref()?.field(sentence.get(at.checked_sub(2)?)?)
    }

    /// What a text in quotes can be where no field is compared with it.
    fn texts(&self) -> Vec<Candidate> {
        let prefix = self.context.prefix;
        let quoted_names = |found: Vec<Candidate>| {
            found.into_iter().map(|found| Candidate { text: quoted(&found.text), ..found }).collect()
        };
        match governing(&self.context.sentence) {
            Some("site") => {
                self.sites().into_iter().filter(|site| site.text.starts_with(&format!("\"{prefix}"))).collect()
            }
            Some("host") | Some("hosts") => {
                quoted_names(self.session.fleet.as_ref().map_or(Vec::new(), |fleet| values::hosts(fleet, prefix)))
            }
            _ => Vec::new(),
        }
    }

    /// Behind a `.`: the fields of `host`, the modules of `std`.
    fn members(&self) -> Vec<Candidate> {
        let prefix = self.context.prefix;
        match self.context.back(2) {
            Some("host") => self.session.fleet.as_ref().map_or(Vec::new(), |fleet| values::fields(fleet, prefix)),
            Some("std") => modules().filter(|module| module.text.starts_with(prefix)).collect(),
            _ => Vec::new(),
        }
    }

    fn words_and_names(&self) -> Vec<Candidate> {
        let Some(block) = self.context.block else {
            let next = continuation(Block::File, &format!("let it = {}", self.context.before));
            // At its very beginning an expression takes a value, whatever stood before.
            let next = next.unwrap_or(Continuation { takes_value: true, ..Continuation::default() });
            let mut found = self.following(Block::File, &next);
            if next.may_end && !self.context.sentence.is_empty() {
                found.push(keyword_by());
            }
            return match self.context.sentence.contains(&"by") && next.words.is_empty() {
                true => self.fields(),
                false => found,
            };
        };
        if self.context.sentence.is_empty() {
            return members(block);
        }
        let Some(next) = self.continuation(block) else { return members(block) };
        let mut found = self.following(block, &next);
        if next.may_end {
            found.extend(members(block));
        }
        found
    }

    /// How the sentence at hand goes on. Where it begins is not written anywhere: it is the first word from which the
    /// grammar comes as far as the place.
    fn continuation(&self, block: Block) -> Option<Continuation> {
        const TRIED: usize = 12;
        let context = self.context;
        let begins = |word: &str| block.words().any(|known| known == word);
        let places = context.sentence.iter().zip(&context.starts).filter(|(word, _)| begins(word));
        let places: Vec<usize> = places.map(|(_, start)| *start).collect();
        let last = places.iter().skip(places.len().saturating_sub(TRIED));
        last.filter_map(|start| continuation(block, context.before.get(*start..)?)).next()
    }

    fn following(&self, block: Block, next: &Continuation) -> Vec<Candidate> {
        let mut found = Vec::new();
        if next.takes_value {
            found.extend(self.fields());
            found.extend(self.operands());
        }
        if next.takes_name {
            found.extend(self.names(block));
        }
        found.extend(next.words.iter().filter(|word| !next.takes_value || !is_operand(word)).map(|word| keyword(word)));
        found
    }

    fn fields(&self) -> Vec<Candidate> {
        self.session.fleet.as_ref().map_or(Vec::new(), |fleet| values::fields(fleet, self.context.prefix))
    }

    /// What begins a value beside fields.
    fn operands(&self) -> Vec<Candidate> {
        let words = ["hosts", "count", "any", "all", "not", "true", "false"];
        let functions = builtin::all().iter().map(|function| {
            let detail = format!("{}: {}", function.signature(), function.documentation);
            Candidate::new(function.name, Sort::Function, detail)
        });
        let own = self.named(Named::Function).into_iter().chain(self.named(Named::Value));
        words.into_iter().map(keyword).chain(own).chain(functions).collect()
    }

    /// The names of the sort that the sentence asks for.
    fn names(&self, block: Block) -> Vec<Candidate> {
        let Some(word) = governing(&self.context.sentence) else { return Vec::new() };
        let is_first = self.context.sentence.len() == 1;
        match (block, word) {
            // What an item defines has a name that nobody had before.
            (Block::File, "region") => self.regions(),
            (Block::File, "refine") => self.named(Named::Rollout),
            (Block::File, "by") => self.fields(),
            (Block::File, "use") => {
                let modules = modules();
                modules.map(|module| Candidate { text: format!("std.{}", module.text), ..module }).collect()
            }
            (Block::File, _) if is_first => Vec::new(),
            (Block::Rollout, "stages") => self.named(Named::Stages),
            (_, "gate") => self.named(Named::Gate),
            (_, "with") => self.named(Named::Runbook),
            (_, "apply") | (Block::Workaround, "for") => {
                let found = self.named(Named::Bulletin).into_iter();
                found.chain(self.named(Named::Workaround)).collect()
            }
            (_, "lift") => self.named(Named::Workaround),
            (Block::Stage, "by") if self.context.sentence.contains(&"approve") => self.named(Named::Team),
            (_, "owner" | "notify") => self.named(Named::Team),
            (_, "service") => self.named(Named::Service),
            (_, "freeze" | "except") => self.named(Named::Calendar),
            (_, "region" | "regions" | "order" | "in" | "from") => self.regions(),
            (_, "by" | "per" | "first") => self.fields(),
            (_, "step") => sorted_names(named::steps(self.session), "a step of"),
            (_, "plan") => self.named(Named::Rollout),
            (_, "always" | "never" | "unless" | "expect" | "when") => {
                sorted_names(named::stages(self.session), "a stage of")
            }
            _ => Vec::new(),
        }
    }

    fn named(&self, sort: Named) -> Vec<Candidate> {
        let words = |documentation: Option<&str>| documentation.and_then(|text| text.lines().next()).map(str::to_owned);
        let names = named::names_of(self.session, sort);
        let kind = if sort == Named::Function { Sort::Function } else { Sort::Name };
        let candidate = |(name, documentation): (&str, Option<&str>)| {
            Candidate::new(name, kind, words(documentation).unwrap_or_else(|| format!("a {}", sort.word())))
        };
        names.map(candidate).collect()
    }

    fn regions(&self) -> Vec<Candidate> {
        let regions = self.session.model.iter().flat_map(|model| &model.regions);
        regions.map(|region| Candidate::new(&region.name, Sort::Name, counted(region.hosts.len(), "host"))).collect()
    }

    fn sites(&self) -> Vec<Candidate> {
        let sites = self.session.model.iter().flat_map(|model| &model.sites);
        let sites =
            sites.map(|site| Candidate::new(&quoted(&site.name), Sort::Value, counted(site.hosts.len(), "host")));
        sites.collect()
    }
}

/// The sentences that may begin in a block.
fn members(block: Block) -> Vec<Candidate> {
    let words = block.words();
    words.map(|word| Candidate::new(word, Sort::Keyword, meaning(block, word).unwrap_or(""))).collect()
}

fn keyword(word: &str) -> Candidate {
    Candidate::new(word, Sort::Keyword, other_meaning(word).unwrap_or(""))
}

fn keyword_by() -> Candidate {
    keyword("by")
}

fn is_operand(word: &str) -> bool {
    words::find(word).is_some_and(|word| matches!(word.class, Class::Value | Class::Literal)) || word == "not"
}

fn modules() -> impl Iterator<Item = Candidate> {
    builtin::library_names().map(|name| {
        let text = builtin::library(name).unwrap_or("");
        let first = text.lines().next().unwrap_or("").trim_start_matches(['#', ' ']);
        Candidate::new(name, Sort::Module, first)
    })
}

fn sorted_names<'n>(names: impl Iterator<Item = (&'n str, &'n str)>, what: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (name, of) in names {
        if found.iter().all(|known| known.text != name) {
            found.push(Candidate::new(name, Sort::Name, format!("{what} {of}")));
        }
    }
    found
}

/// The hosts whose names begin so.
pub fn hosts(session: &Session, beginning: &str) -> Vec<Candidate> {
    session.fleet.as_ref().map_or(Vec::new(), |fleet| values::hosts(fleet, beginning))
}

/// Whatever has documentation and begins so: words, fields, functions, modules, items.
pub fn complete_word(session: &Session, beginning: &str) -> Completion {
    let fields = session.fleet.as_ref().map_or(Vec::new(), |fleet| values::fields(fleet, beginning));
    let items = crate::ide::outline(session).into_iter().map(|item| {
        let detail = item.documentation.unwrap_or_else(|| format!("a {}", item.sort.word()));
        Candidate::new(&item.name, Sort::Name, detail.lines().next().unwrap_or(""))
    });
    let words = words::WORDS.iter().filter(|word| !word.begins.is_empty() || other_meaning(word.text).is_some());
    let words = words.map(|word| {
        let said = word.begins.first().and_then(|block| meaning(*block, word.text));
        Candidate::new(word.text, Sort::Keyword, said.or(other_meaning(word.text)).unwrap_or(""))
    });
    let functions = builtin::all().iter().map(|found| Candidate::new(found.name, Sort::Function, found.documentation));
    let modules = modules().map(|module| Candidate { text: format!("std.{}", module.text), ..module });
    let others = items.chain(words).chain(functions).chain(modules);
    let found = fields.into_iter().chain(others.filter(|candidate| candidate.text.starts_with(beginning)));
    complete_with(0, found)
}
