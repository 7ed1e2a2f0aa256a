use crate::source::Span;
use crate::syntax::ast::{Function, Item, ItemKind, Let, Name, Use};
use crate::syntax::grammar::{Pair, Pairs, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    /// The items of a file, without their documentation.
    pub fn items(&mut self, pairs: Pairs<'_>) -> Vec<Item> {
        let mut items = Vec::new();
        // The grammar gives one pair, the file.
        for pair in pairs.flat_map(Pair::into_inner) {
            let span = self.span(&pair);
            let kind = match pair.as_rule() {
                Rule::EOI => continue,
                Rule::stray_close => {
                    self.bad_piece(Block::File, span, None);
                    ItemKind::Bad
                }
                Rule::bad_item => {
                    self.bad_piece(Block::File, span, None);
                    ItemKind::Bad
                }
                _ => self.item(pair).unwrap_or(ItemKind::Bad),
            };
            items.push(Item { kind, span, documentation: None });
        }
        items
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
        self.bad_head(holder, Span::new(self.file, start, open));
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
