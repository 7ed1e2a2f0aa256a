// What each word that begins a sentence says, in one line: what a completion shows beside it, and `:doc` above its example.

use crate::syntax::words::Block;

/// What a sentence of a block says that begins with this word; none for a word that begins none there.
pub(super) fn meaning(block: Block, word: &str) -> Option<&'static str> {
    let found = MEANINGS.iter().find(|(blocks, known, _)| *known == word && blocks.contains(&block));
    found.map(|(_, _, meaning)| *meaning)
}

/// The blocks whose sentences a word begins, in the order of the table.
pub(super) fn blocks(word: &str) -> impl Iterator<Item = Block> {
    Block::ALL.into_iter().filter(move |block| block.words().any(|known| known == word))
}

/// What a word says that begins no sentence.
pub(super) fn other_meaning(word: &str) -> Option<&'static str> {
    OTHERS.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

const MEANINGS: &[(&[Block], &str, &str)] = &[
    (&[Block::File], "use", "brings the items of a module"),
    (&[Block::File], "inventory", "names the file that lists the hosts"),
    (&[Block::File], "connect", "says how hosts are reached"),
    (&[Block::File], "regions", "makes a region of each value of a field"),
    (&[Block::File], "region", "a set of hosts with windows and an owner"),
    (&[Block::File], "service", "hosts that serve together, and how many must stay up"),
    (&[Block::File], "calendar", "days, from an .ics file or by a rule"),
    (&[Block::File], "team", "people, and what they may do where"),
    (&[Block::File], "bulletin", "what is being applied: its packages, how severe, since when"),
    (&[Block::File], "gate", "a condition that lets the rollout go on"),
    (&[Block::File], "runbook", "the ordered steps on one host"),
    (&[Block::File], "rollout", "the whole change: what, with what, to whom, in which stages"),
    (&[Block::File], "stages", "a list of stages that rollouts share"),
    (&[Block::File], "refine", "what a region's team tightens of a rollout"),
    (&[Block::File], "policy", "rules that every rollout must meet"),
    (&[Block::File], "workaround", "a stopgap for a bulletin, with its undo"),
    (&[Block::File], "test", "a scenario, and what must come of it"),
    (&[Block::File], "let", "gives a value a name"),
    (&[Block::File], "fn", "gives an expression with parameters a name"),
    (&[Block::Connect], "path", "the folder in which local commands are found"),
    (&[Block::Region, Block::Service, Block::Workaround], "hosts", "the hosts that belong to it"),
    (&[Block::Region, Block::Refine], "window", "when change is allowed, in local time"),
    (&[Block::Region, Block::Refine], "freeze", "days on which change is forbidden, whatever the window says"),
    (&[Block::Region], "owner", "the team that answers for it"),
    (&[Block::Region], "zone", "its time zone, where the hosts do not say"),
    (&[Block::Service], "keep", "how much of it must stay up"),
    (&[Block::Calendar], "ics", "the file with the days"),
    (&[Block::Calendar], "days", "the days, by dates or by a rule"),
    (&[Block::Team], "members", "its people"),
    (&[Block::Team], "may", "what they may do, and where"),
    (&[Block::Test], "plan", "the rollout that it tries"),
    (&[Block::Test], "start", "when the made-up run begins"),
    (&[Block::Test], "fleet", "the only hosts that there are"),
    (&[Block::Test], "for", "draws a fleet or failures by lot, again and again"),
    (&[Block::Test], "given", "what goes otherwise than well, where and when"),
    (&[Block::Test], "expect", "what must come of it in the end, or by a moment"),
    (&[Block::Workaround], "for", "the bulletin that it stands in for"),
    (&[Block::Bulletin], "title", "what it is called among people"),
    (&[Block::Bulletin, Block::Package], "severity", "how bad it is not to apply it"),
    (&[Block::Bulletin], "released", "since when it is known"),
    (&[Block::Bulletin], "packages", "a package for each value of fields"),
    (&[Block::Bulletin], "package", "the form of it that some hosts get"),
    (&[Block::Package, Block::Workaround], "install", "the command that puts it in"),
    (&[Block::Package, Block::Workaround], "uninstall", "the command that takes it out again"),
    (&[Block::Package, Block::Step, Block::Workaround], "verify", "the command that says whether it is done"),
    (&[Block::Package], "conflicts", "what must not be installed beside it"),
    (&[Block::Package, Block::Step], "needs", "what must be there before, or that no undo is needed"),
    (&[Block::Gate, Block::Step], "run", "the command; its exit code is the answer"),
    (&[Block::Gate], "tcp", "passes when a connection can be made"),
    (&[Block::Gate], "http", "passes when an address answers"),
    (&[Block::Gate], "every", "how often it is asked"),
    (&[Block::Gate], "within", "how long it may take to pass"),
    (&[Block::Gate], "for", "how long it must go on passing"),
    (&[Block::Gate, Block::Step], "retry", "how often it is tried again"),
    (&[Block::Gate, Block::Step], "fails", "how often it fails, by chance, in a simulation"),
    (&[Block::Gate, Block::Step], "timeout", "when an attempt is given up"),
    (&[Block::Runbook], "step", "one action on a host, with its undo"),
    (&[Block::Step], "lift", "takes a workaround away again"),
    (&[Block::Step], "undo", "the command that takes the step back"),
    (&[Block::Step], "cannot", "says that nothing takes the step back"),
    (&[Block::Step], "takes", "how long the step takes"),
    (&[Block::Step], "down", "the host does not serve during the step"),
    (&[Block::Step], "ahead", "the step may run before the window opens"),
    (&[Block::Rollout], "apply", "the bulletin, and the runbook that applies it"),
    (&[Block::Rollout], "to", "the hosts that it is for"),
    (&[Block::Rollout], "start", "when it begins"),
    (&[Block::Rollout], "deadline", "by when all of it must have ended"),
    (&[Block::Rollout, Block::Stages], "guinea-pig", "a stage whose hosts stand for the rest and go first"),
    (&[Block::Rollout, Block::Stages], "wave", "a stage that follows"),
    (&[Block::Rollout], "stages", "the stages of a list that is defined elsewhere"),
    (&[Block::Rollout], "on", "what is done when something happens"),
    (&[Block::Rollout], "always", "what must be so at every moment"),
    (&[Block::Rollout], "never", "what must never be so"),
    (&[Block::Stage], "hosts", "the hosts that it takes"),
    (&[Block::Stage], "region", "the region that it takes"),
    (&[Block::Stage], "regions", "the regions that it takes, and in which order"),
    (&[Block::Stage], "site", "the site that it takes"),
    (&[Block::Stage], "order", "who of a site or region goes first"),
    (&[Block::Stage, Block::Refine], "batch", "how many hosts are changed at the same moment"),
    (&[Block::Stage, Block::Refine], "at", "how many hosts are under way at once"),
    (&[Block::Stage, Block::Refine], "soak", "how long to watch before the next stage"),
    (&[Block::Stage, Block::Refine], "gate", "the gates that must pass"),
    (&[Block::Stage], "approve", "who must agree before the next stage, and by when"),
    (&[Block::Stage, Block::Refine], "finish", "the local time by which a batch must be done"),
    (&[Block::Rule], "hold", "stops a part where it stands"),
    (&[Block::Rule], "rollback", "undoes a part, newest first"),
    (&[Block::Rule], "notify", "tells people"),
    (&[Block::Policy], "require", "what a rollout must have"),
    (&[Block::Policy], "forbid", "when no rollout may change anything"),
];

const OTHERS: &[(&str, &str)] = &[
    ("hosts", "all hosts, or those that meet a condition: `hosts where role == \"web\"`"),
    ("host", "the host that is looked at: `host.name`"),
    ("count", "how many there are: `count(hosts where role == \"web\")`"),
    ("any", "whether there is one: `any(hosts where role == \"web\")`"),
    ("all", "whether each is so: `all(hosts where cores > 2)`"),
    ("and", "both must be so"),
    ("or", "one of the two must be so"),
    ("not", "turns a condition round"),
    ("in", "is one of a list, or in a range: `site in [\"sydney\", \"perth\"]`"),
    ("matches", "fits a pattern with `*` and `?`: `name matches \"web-*\"`"),
    ("is", "`is missing`, `is not missing`: whether a host lacks a field"),
    ("missing", "`is missing`: the host has no value for the field"),
    ("where", "the condition that hosts must meet"),
    ("by", "makes groups: `count(hosts) by site`"),
    ("per", "for each of these"),
    ("true", "it is so"),
    ("false", "it is not so"),
    ("groups", "the groups that a host is in: `\"web\" in groups`"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_begins_a_sentence_says_what_it_does() {
        for block in Block::ALL.into_iter().filter(|block| *block != Block::Mapping) {
            for word in block.words() {
                assert!(meaning(block, word).is_some(), "{block:?}: {word}");
            }
        }
        for (in_blocks, word, _) in MEANINGS {
            for block in *in_blocks {
                assert!(blocks(word).any(|begins| begins == *block), "{block:?} has no sentence `{word}`");
            }
        }
    }
}
