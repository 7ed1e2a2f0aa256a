use crate::syntax::ast::{At, Gate, GateMember, Per, Probe};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    pub(super) fn gate(&mut self, pair: Pair<'_>) -> Option<Gate> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let per = self.per(&parts.next()?);
        let members = self.members(Block::Gate, parts.next(), Self::gate_member);
        Some(Gate { name: name?, per, members })
    }

    fn per(&self, pair: &Pair<'_>) -> At<Per> {
        let value = match self.written(pair) {
            "host" => Per::Host,
            "site" => Per::Site,
            "region" => Per::Region,
            _ => Per::Batch,
        };
        At { value, span: self.span(pair) }
    }

    pub(super) fn gate_member(&mut self, pair: Pair<'_>) -> Option<GateMember> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        let value = parts.next()?;
        let probe = match rule {
            Rule::every => return Some(GateMember::Every(self.duration(value)?)),
            Rule::within => return Some(GateMember::Within(self.duration(value)?)),
            Rule::for_time => return Some(GateMember::For(self.duration(value)?)),
            Rule::timeout => return Some(GateMember::Timeout(self.duration(value)?)),
            Rule::fails => return Some(GateMember::Fails(self.budget(value)?)),
            Rule::retry => return Some(GateMember::Retry(self.count(value)?)),
            Rule::run_probe => Probe::Run(self.command(value)?),
            Rule::tcp_probe => {
                let address = self.value(value).expression;
                Probe::Tcp { address, port: self.count(parts.next()?)? }
            }
            Rule::http_probe => {
                let url = self.text(value);
                let status = match parts.next() {
                    Some(pair) => Some(self.count(pair)?),
                    None => None,
                };
                Probe::Http { url: url?, status }
            }
            _ => return None,
        };
        Some(GateMember::Probe { probe, span })
    }
}
