use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{Function, Item, ItemKind, Let, Name, Use};
use crate::syntax::explain;
use crate::syntax::grammar::{Pair, Pairs, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    /// The items of a file, without their documentation.
    pub fn items(&mut self, pairs: Pairs<'_>) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let mut last_good = None;
        // The problems of the bad items that follow the last good one.
        let mut bad_items: Vec<Problem> = Vec::new();
        // The grammar gives one pair, the file.
        for pair in pairs.flat_map(Pair::into_inner) {
            let span = self.span(&pair);
            let kind = match pair.as_rule() {
                Rule::EOI => continue,
                Rule::bad_item => {
                    let previous = items.last_mut().filter(|item| item.kind != ItemKind::Bad);
                    bad_items.extend(self.bad_item(span, previous));
                    ItemKind::Bad
                }
                Rule::stray_close => {
                    self.stray_close(span, last_good, &mut bad_items);
                    ItemKind::Bad
                }
                _ => {
                    self.report_all(bad_items.drain(..));
                    last_good = Some(span);
                    self.item(pair).unwrap_or(ItemKind::Bad)
                }
            };
            items.push(Item { kind, span, documentation: None });
        }
        self.report_all(bad_items);
        items
    }

    /// A `}` too many somewhere in a block ends it early: what follows of it is no item, and its own `}` closes nothing.
    /// That is one problem.
    /// A head that went wrong, as `service mail (`, leaves its members and its `}` behind: one problem too.
    fn stray_close(&mut self, close: Span, last_good: Option<Span>, bad_items: &mut Vec<Problem>) {
        if bad_items.len() > 1 && bad_items.first().is_some_and(|first| first.code == Code::SYNTAX) {
            self.report_all(bad_items.drain(..).take(1));
            return;
        }
        let closed = last_good.filter(|good| self.slice(*good).ends_with('}') && !bad_items.is_empty());
        match closed {
            Some(_) => bad_items.clear(),
            None => self.report_all(bad_items.drain(..)),
        }
        let before = closed.map(|closed| Span { start: closed.end - 1, ..closed });
        if self.may_explain(close) {
            self.report(explain::stray_close(close, before));
        }
    }

    fn bad_item(&mut self, span: Span, previous: Option<&mut Item>) -> Option<Problem> {
        let problem = self.bad_piece(Block::File, span, previous.as_ref().map(|item| item.span))?;
        if let Some(previous) = previous
            && problem.code == Code::SYNTAX
            && self.is_on_one_line(previous.span, span)
        {
            // It was read in part only, which is worse than not at all.
            previous.kind = ItemKind::Bad;
        }
        Some(problem)
    }

    fn item(&mut self, pair: Pair<'_>) -> Option<ItemKind> {
        let pair = self.good_head(pair)?;
        Some(match pair.as_rule() {
            Rule::use_item => ItemKind::Use(self.use_item(pair)?),
            Rule::let_item => ItemKind::Let(self.let_item(pair)?),
            Rule::function => ItemKind::Function(self.function(pair)?),
            Rule::inventory => ItemKind::Inventory(self.inventory(pair)?),
            Rule::connect => ItemKind::Connect(self.connect(pair)?),
            Rule::regions_by => ItemKind::RegionsBy(self.regions_by(pair)?),
            Rule::region => ItemKind::Region(self.region(pair)?),
            Rule::service => ItemKind::Service(self.service(pair)?),
            Rule::calendar => ItemKind::Calendar(self.calendar(pair)?),
            Rule::team => ItemKind::Team(self.team(pair)?),
            Rule::bulletin => ItemKind::Bulletin(self.bulletin(pair)?),
            Rule::gate => ItemKind::Gate(self.gate(pair)?),
            Rule::runbook => ItemKind::Runbook(self.runbook(pair)?),
            Rule::rollout => ItemKind::Rollout(self.rollout(pair)?),
            Rule::stages => ItemKind::Stages(self.stages(pair)?),
            Rule::refine => ItemKind::Refine(self.refine(pair)?),
            Rule::policy => ItemKind::Policy(self.policy(pair)?),
            Rule::workaround => ItemKind::Workaround(self.workaround(pair)?),
            Rule::test => ItemKind::Test(self.test(pair)?),
            _ => return None,
        })
    }

    /// The pair itself where its head could be read. Otherwise the head's problem is reported, and those of its block.
    pub(super) fn good_head<'i>(&mut self, pair: Pair<'i>) -> Option<Pair<'i>> {
        let mut parts = Parts::of(pair.clone());
        if parts.take(Rule::bad_head).is_none() {
            return Some(pair);
        }
        let start = self.span(&pair).start as usize;
        let block = parts.next()?;
        let open = self.span(&block).start as usize;
        let holder = match pair.as_rule() {
            Rule::package | Rule::packages => Block::Bulletin,
            Rule::step => Block::Runbook,
            Rule::guinea_pig | Rule::wave | Rule::on_rule => Block::Rollout,
            _ => Block::File,
        };
        // The brace with it: where the head lacks something, the brace is what stands in its place.
        let problem = self.bad_head(holder, Span::new(self.file, start, open + 1));
        self.report_all(problem);
        self.block_for_its_problems(block);
        None
    }

    fn block_for_its_problems(&mut self, block: Pair<'_>) {
        let rule = block.as_rule();
        let block = Some(block);
        match rule {
            Rule::mapping_block => drop(self.members(Block::Mapping, block, Self::mapping)),
            Rule::connect_block => drop(self.members(Block::Connect, block, Self::connect_member)),
            Rule::region_block => drop(self.members(Block::Region, block, Self::region_member)),
            Rule::service_block => drop(self.members(Block::Service, block, Self::service_member)),
            Rule::calendar_block => drop(self.members(Block::Calendar, block, Self::calendar_member)),
            Rule::team_block => drop(self.members(Block::Team, block, Self::team_member)),
            Rule::bulletin_block => drop(self.members(Block::Bulletin, block, Self::bulletin_member)),
            Rule::package_block => drop(self.members(Block::Package, block, Self::package_member)),
            Rule::gate_block => drop(self.members(Block::Gate, block, Self::gate_member)),
            Rule::runbook_block => drop(self.members(Block::Runbook, block, Self::step)),
            Rule::step_block => drop(self.members(Block::Step, block, Self::step_member)),
            Rule::rollout_block => drop(self.members(Block::Rollout, block, Self::rollout_member)),
            Rule::stage_block => drop(self.members(Block::Stage, block, Self::stage_member)),
            Rule::rule_block => drop(self.members(Block::Rule, block, Self::action)),
            Rule::stages_block => drop(self.members(Block::Stages, block, Self::listed_stage)),
            Rule::refine_block => drop(self.members(Block::Refine, block, Self::refine_member)),
            Rule::policy_block => drop(self.members(Block::Policy, block, Self::policy_rule)),
            Rule::workaround_block => drop(self.members(Block::Workaround, block, Self::workaround_member)),
            Rule::test_block => drop(self.members(Block::Test, block, Self::test_member)),
            _ => {}
        }
    }

    fn use_item(&mut self, pair: Pair<'_>) -> Option<Use> {
        let pair = Parts::of(pair).next()?;
        if pair.as_rule() != Rule::path {
            return Some(Use::File { path: self.constant(pair)? });
        }
        let path = pair.into_inner().map(|pair| self.name(&pair)).collect();
        Some(Use::Library { path })
    }

    fn let_item(&mut self, pair: Pair<'_>) -> Option<Let> {
        let mut parts = Parts::of(pair);
        let name = self.name(&parts.next()?);
        Some(Let { name, value: self.expression(parts.next()?) })
    }

    fn function(&mut self, pair: Pair<'_>) -> Option<Function> {
        let mut parts = Parts::of(pair);
        let name = self.name(&parts.next()?);
        let parameters = parts.take(Rule::parameters).map(Pair::into_inner);
        let parameters = parameters.into_iter().flatten().map(|pair| self.name(&pair)).collect();
        Some(Function { name, parameters, body: self.expression(parts.next()?) })
    }

    pub(super) fn name(&self, pair: &Pair<'_>) -> Name {
        Name { text: self.written(pair).to_owned(), span: self.span(pair) }
    }
}
