use crate::syntax::ast::{
    At, Bulletin, BulletinMember, PackageMember, Packages, Severity, StatedSeverity, Workaround, WorkaroundMember,
};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    pub(super) fn bulletin(&mut self, pair: Pair<'_>) -> Option<Bulletin> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Bulletin, parts.next(), Self::bulletin_member);
        Some(Bulletin { name: name?, members })
    }

    pub(super) fn bulletin_member(&mut self, pair: Pair<'_>) -> Option<BulletinMember> {
        let rule = pair.as_rule();
        if matches!(rule, Rule::package | Rule::packages) {
            let pair = self.good_head(pair)?;
            return Some(BulletinMember::Packages(self.packages(pair)?));
        }
        if rule == Rule::severity {
            return Some(BulletinMember::Severity(self.severity(pair)?));
        }
        let value = Parts::of(pair).next()?;
        Some(match rule {
            Rule::title => BulletinMember::Title(self.constant(value)?),
            Rule::released => BulletinMember::Released(self.expression(value)),
            _ => return None,
        })
    }

    fn severity(&self, pair: Pair<'_>) -> Option<At<StatedSeverity>> {
        let mut parts = Parts::of(pair);
        let roughly = parts.take(Rule::roughly);
        let level = parts.next()?;
        let span = self.span(&level);
        let span = roughly.as_ref().map_or(span, |roughly| self.span(roughly).to(span));
        let level = match self.written(&level) {
            "low" => Severity::Low,
            "moderate" => Severity::Moderate,
            "important" => Severity::Important,
            _ => Severity::Critical,
        };
        Some(At { value: StatedSeverity { level, at_most: roughly.is_some() }, span })
    }

    fn packages(&mut self, pair: Pair<'_>) -> Option<Packages> {
        let span = self.span(&pair);
        let is_single = pair.as_rule() == Rule::package;
        let mut parts = Parts::of(pair);
        let head = parts.next()?;
        let (name, by) = match is_single {
            true => (self.label(head).map(Some), Some(Vec::new())),
            false => (Some(None), self.labels(head)),
        };
        let condition = parts.take(Rule::expression).map(|pair| self.expression(pair));
        let members = self.members(Block::Package, parts.next(), Self::package_member);
        Some(Packages { name: name?, by: by?, condition, members, span })
    }

    pub(super) fn package_member(&mut self, pair: Pair<'_>) -> Option<PackageMember> {
        let rule = pair.as_rule();
        if rule == Rule::severity {
            return Some(PackageMember::Severity(self.severity(pair)?));
        }
        let value = Parts::of(pair).next()?;
        Some(match rule {
            Rule::install => PackageMember::Install(self.command(value)?),
            Rule::uninstall => PackageMember::Uninstall(self.command(value)?),
            Rule::verify => PackageMember::Verify(self.command(value)?),
            Rule::conflicts => PackageMember::Conflicts(self.constants(value)?),
            Rule::needs => PackageMember::Needs(self.constants(value)?),
            _ => return None,
        })
    }

    pub(super) fn workaround(&mut self, pair: Pair<'_>) -> Option<Workaround> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Workaround, parts.next(), Self::workaround_member);
        Some(Workaround { name: name?, members })
    }

    pub(super) fn workaround_member(&mut self, pair: Pair<'_>) -> Option<WorkaroundMember> {
        let rule = pair.as_rule();
        let value = Parts::of(pair).next()?;
        Some(match rule {
            Rule::for_bulletin => WorkaroundMember::For(self.label(value)?),
            Rule::hosts_member => WorkaroundMember::Hosts(self.expression(value)),
            Rule::install => WorkaroundMember::Install(self.command(value)?),
            Rule::uninstall => WorkaroundMember::Uninstall(self.command(value)?),
            Rule::verify => WorkaroundMember::Verify(self.command(value)?),
            _ => return None,
        })
    }
}
