// How each sentence is written, for who has written one of its parts otherwise. A test reads every one of them.

use crate::syntax::words::Block;

/// The sentence of a block that begins with this word, as an example; none for a word that begins none there.
pub fn sample(block: Block, word: &str) -> Option<&'static str> {
    let found = SAMPLES.iter().find(|(blocks, sample)| {
        blocks.contains(&block) && sample.split([' ', '{']).next().is_some_and(|first| first == word)
    });
    found.map(|(_, sample)| *sample)
}

/// Of several sentences with one first word the one that is written most stands first.
const SAMPLES: &[(&[Block], &str)] = &[
    (&[Block::File], "use std.gates"),
    (&[Block::File], "inventory \"servers.csv\""),
    (&[Block::File], "connect local { path \"tools\" }"),
    (&[Block::File], "regions by region { window mon..fri 22:00-06:00 }"),
    (&[Block::File], "region europe { hosts site == \"london\" }"),
    (&[Block::File], "service mail { hosts role == \"mail\"  keep at least 50% up }"),
    (&[Block::File], "calendar year-end { days 2026-12-20..2027-01-02 }"),
    (&[Block::File], "team ops { members \"ada\"  may everything }"),
    (&[Block::File], "bulletin MS07-026 { … }"),
    (&[Block::File], "gate answers per host { tcp host.address 22 }"),
    (&[Block::File], "runbook patch { … }"),
    (&[Block::File], "rollout exchange-may { … }"),
    (&[Block::File], "stages careful { … }"),
    (&[Block::File], "refine exchange-may in region japan { batch 1 per site }"),
    (&[Block::File], "policy house { require guinea-pig }"),
    (&[Block::File], "workaround dns-off { … }"),
    (&[Block::File], "test \"a failing Sydney stops\" { … }"),
    (&[Block::File], "let fixed = 5.2.1"),
    (&[Block::File], "fn old(v) = v < 5.2.1"),
    (&[Block::Connect], "path \"tools\""),
    (&[Block::Region, Block::Service, Block::Workaround], "hosts role == \"web\""),
    (&[Block::Region, Block::Refine], "window mon..fri 22:00-06:00"),
    (&[Block::Region, Block::Refine], "freeze year-end"),
    (&[Block::Region], "owner by owner"),
    (&[Block::Region], "zone \"Europe/Berlin\""),
    (&[Block::Service], "keep at least 50% up per region"),
    (&[Block::Calendar], "ics \"freeze.ics\""),
    (&[Block::Calendar], "days 2026-12-20..2027-01-02"),
    (&[Block::Team], "members \"ada\", \"grace\""),
    (&[Block::Team], "may approve, hold, resume in region owned"),
    (&[Block::Workaround], "for MS07-029"),
    (&[Block::Bulletin], "title \"openssl: out-of-bounds read\""),
    (&[Block::Bulletin, Block::Package], "severity critical"),
    (&[Block::Bulletin], "released 2007-05-08 17:00 UTC"),
    (&[Block::Bulletin], "packages by version { … }"),
    (&[Block::Bulletin], "package fix where os == \"debian-12\" { … }"),
    (&[Block::Package, Block::Workaround], "install \"apt-get install --yes openssl\""),
    (&[Block::Package, Block::Workaround], "uninstall \"apt-get remove --yes openssl\""),
    (&[Block::Package, Block::Step, Block::Workaround], "verify \"dpkg-query --status openssl\""),
    (&[Block::Package], "conflicts \"third-party-dns-fix\""),
    (&[Block::Package], "needs \"dotnet-8\""),
    (&[Block::Gate], "run \"probe {host.name}\""),
    (&[Block::Gate], "tcp host.address 22"),
    (&[Block::Gate], "http \"https://{host.address}/\" status 200"),
    (&[Block::Gate], "every 30s"),
    (&[Block::Gate], "within 10m"),
    (&[Block::Gate], "for 5m"),
    (&[Block::Gate], "retry 3"),
    (&[Block::Gate, Block::Step], "timeout 1h"),
    (&[Block::Gate, Block::Step], "fails 2%"),
    (&[Block::Runbook], "step install { run package.install  undo package.uninstall  takes 10m }"),
    (&[Block::Step], "run \"systemctl reboot\" then wait tcp host.address 22 within 15m"),
    (&[Block::Step], "lift dns-off"),
    (&[Block::Step], "undo \"lb-enable {host.name}\""),
    (&[Block::Step], "needs no undo"),
    (&[Block::Step], "cannot be undone"),
    (&[Block::Step], "takes 10m to 20m"),
    (&[Block::Step], "retry 2 every 30s"),
    (&[Block::Step], "down"),
    (&[Block::Step], "ahead"),
    (&[Block::Rollout], "apply MS07-026 with patch"),
    (&[Block::Rollout], "to product == \"exchange\""),
    (&[Block::Rollout], "start 2007-05-08 18:00 UTC"),
    (&[Block::Rollout], "deadline 14d after start"),
    (&[Block::Rollout, Block::Stages], "guinea-pig lab { hosts one per package }"),
    (&[Block::Rollout, Block::Stages], "wave world { batch 25% of site }"),
    (&[Block::Rollout], "stages careful { gate answers }"),
    (&[Block::Rollout], "on more than 2% failed in region { hold region }"),
    (&[Block::Rollout], "always service mail kept"),
    (&[Block::Rollout], "never world started unless lab passed"),
    (&[Block::Stage], "hosts role == \"web\""),
    (&[Block::Stage], "region australia"),
    (&[Block::Stage], "site \"london\""),
    (&[Block::Stage], "regions following the sun"),
    (&[Block::Stage], "order by role first \"passive\" then \"active\", version descending"),
    (&[Block::Stage, Block::Refine], "batch 25% of site at most 4"),
    (&[Block::Stage, Block::Refine], "at most 2 at once per site"),
    (&[Block::Stage, Block::Refine], "soak 24h"),
    (&[Block::Stage, Block::Refine], "gate answers, pages"),
    (&[Block::Stage], "approve by ops within 8h else hold"),
    (&[Block::Stage, Block::Refine], "finish before 05:00"),
    (&[Block::Rule], "hold region"),
    (&[Block::Rule], "rollback batch"),
    (&[Block::Rule], "notify owner, ops"),
    (&[Block::Test], "plan exchange-may"),
    (&[Block::Test], "start 2007-05-08 18:00 UTC"),
    (&[Block::Test], "fleet \"ex-syd-01\", \"ex-lon-01\""),
    (&[Block::Test], "for any 2 failures"),
    (&[Block::Test], "given gate mailflow fails at site \"sydney\" after 3h"),
    (&[Block::Test], "expect region asia not started"),
    (&[Block::Policy], "require batch at most 25% of site"),
    (&[Block::Policy], "forbid window fri 12:00..sun"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::syntax::parse;

    #[test]
    fn every_sentence_of_every_block_has_one() {
        for block in Block::ALL.into_iter().filter(|block| *block != Block::Mapping) {
            for word in block.words() {
                assert!(sample(block, word).is_some(), "{block:?}: {word}");
            }
        }
    }

    #[test]
    fn every_one_can_be_read() {
        for (blocks, sample) in SAMPLES {
            for block in *blocks {
                let head = match block {
                    Block::File => "",
                    Block::Mapping | Block::Connect => "connect local {",
                    Block::Region => "region r {",
                    Block::Service => "service s {",
                    Block::Calendar => "calendar c {",
                    Block::Team => "team t {",
                    Block::Bulletin => "bulletin b {",
                    Block::Package => "bulletin b { package p {",
                    Block::Gate => "gate g per host {",
                    Block::Runbook => "runbook r {",
                    Block::Step => "runbook r { step s {",
                    Block::Rollout => "rollout r {",
                    Block::Stage => "rollout r { wave w {",
                    Block::Rule => "rollout r { on gate failed {",
                    Block::Stages => "stages s {",
                    Block::Refine => "refine r in region a {",
                    Block::Policy => "policy p {",
                    Block::Workaround => "workaround w {",
                    Block::Test => "test t {",
                };
                let open = head.matches('{').count();
                let text = format!("{head} {} {}", sample.replace('…', ""), "}".repeat(open));
                let parse = parse(Sources::default().add("sample", text.as_str()), &text);
                let problems: Vec<_> = parse.problems.iter().map(|problem| &problem.message).collect();
                assert!(problems.is_empty(), "{text}: {problems:?}");
            }
        }
    }
}
