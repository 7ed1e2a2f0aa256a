use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use pest::Parser;
use pest::error::Error;
use pest_derive::Parser;

#[cfg(test)]
use crate::syntax::work;

/// Reads with `grammar/sunup.pest`.
#[derive(Parser)]
#[grammar = "../grammar/sunup.pest"]
struct Grammar;

pub(super) type Pair<'i> = pest::iterators::Pair<'i, Rule>;
pub(super) type Pairs<'i> = pest::iterators::Pairs<'i, Rule>;

/// Reads a whole file. An error means that the call limit was reached: the rule `file` takes any text.
pub(super) fn read_file(text: &str) -> Result<Pairs<'_>, Box<Error<Rule>>> {
    read(Rule::file, text, Detail::Off)
}

/// What one piece is, where an entry rule reads all of it.
pub(super) fn read_piece(rule: Rule, text: &str) -> Option<Pair<'_>> {
    read(rule, text, Detail::Off).ok()?.next()?.into_inner().next()
}

/// Reads one piece with an entry rule: none where it can be read, else how far that came and what was tried there.
pub(super) fn furthest(rule: Rule, text: &str) -> Option<Furthest> {
    let attempts = read(rule, text, Detail::On).err()?.parse_attempts()?;
    let literals = attempts.expected_tokens().iter().map(ToString::to_string).collect();
    let stacks = attempts.call_stacks();
    let rules =
        stacks.iter().flat_map(|stack| stack.deepest.get_rule().copied().into_iter().chain(stack.parent)).collect();
    Some(Furthest { position: attempts.max_position, literals, rules })
}

/// The furthest place in a piece that could not be read.
pub(super) struct Furthest {
    pub position: usize,
    /// The literals that were tried there; ranges of characters as `0..9`.
    pub literals: Vec<String>,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Off,
    On,
}

/// The limit and the detail are settings of the whole process, read when a parse begins: one parse at a time, so that no
/// script is judged by the limit of another. Afterwards both are as a program that embeds us found them.
static SWITCHES: Mutex<()> = Mutex::new(());

fn read(rule: Rule, text: &str, detail: Detail) -> Result<Pairs<'_>, Box<Error<Rule>>> {
    let _guard = SWITCHES.lock().unwrap_or_else(PoisonError::into_inner);
    pest::set_call_limit(NonZeroUsize::new(call_limit(text.len())));
    pest::set_error_detail(detail == Detail::On);
    #[cfg(test)]
    if work::is_counted() {
        work::add(steps(rule, text));
    }
    let result = Grammar::parse(rule, text).map_err(Box::new);
    pest::set_call_limit(None);
    pest::set_error_detail(false);
    result
}

/// How many calls a piece takes, up to twice too many. Leaves the limit as it was.
#[cfg(test)]
fn steps(rule: Rule, text: &str) -> usize {
    let is_enough = |calls: &usize| {
        pest::set_call_limit(NonZeroUsize::new(*calls));
        !Grammar::parse(rule, text).is_err_and(|error| error.variant.message().contains("call limit"))
    };
    let limit = call_limit(text.len());
    let steps = std::iter::successors(Some(64), |calls| Some(calls * 2)).take_while(|calls| *calls < limit);
    let found = steps.into_iter().find(is_enough).unwrap_or(limit);
    pest::set_call_limit(NonZeroUsize::new(limit));
    found
}

/// The second net under an exponential grammar: some hundred times what the densest script needs, half a second's work
/// for a small one.
fn call_limit(length: usize) -> usize {
    length.saturating_mul(CALLS_PER_BYTE).saturating_add(CALLS_FOR_ANY)
}

const CALLS_PER_BYTE: usize = 5_000;
const CALLS_FOR_ANY: usize = 10_000_000;
